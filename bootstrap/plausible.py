"""Products and customers in any number, made with Faker.

Each is made from its number alone: asking for 100 and then for 1,000 gives the same 1,000 as asking at once. Ids,
addresses and categories come from the number without Faker, so that they stay what they are with any version of it.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count

from faker import Faker

from bootstrap import catalogue
from bootstrap.catalogue import CATEGORIES, KINDS, Customer, Product

_MATERIALS = ("Ash", "Brass", "Canvas", "Copper", "Cork", "Felt", "Leather", "Linen", "Oak", "Steel")


class Plausible:
    """A source of them. Not for several threads at once: Faker's generator is seeded for each item."""

    def __init__(self) -> None:
        # Names by how common they are cost twenty times as much to draw.
        self._faker = Faker("en_US", use_weighting=False)

    def products(self) -> Iterator[Product]:
        """`product-201` and on, without end: the catalogue's own come before."""
        return map(self.product, count(len(catalogue.products()) + 1))

    def customers(self) -> Iterator[Customer]:
        """`user-0001` and on, without end."""
        return map(self.customer, count(1))

    def product(self, number: int) -> Product:
        """The product of this number, in one of the catalogue's categories in turn."""
        fake = self._seeded(f"product {number}")
        turn, column = divmod(number - 1, len(CATEGORIES))
        category = CATEGORIES[column]
        kind = KINDS[category][turn % len(KINDS[category])]
        material = fake.random_element(_MATERIALS)
        maker, colour = fake.last_name(), fake.safe_color_name()
        return Product(
            product_id=f"product-{number:03}",
            name=f"{maker} {material} {kind}, {colour}",
            category=category,
            price_cents=fake.random_int(4, 249) * 100 + 99,
            description=f"{kind} by {maker} of {fake.city()}, {material.lower()}, {colour}: {fake.bs()}.",
        )

    def customer(self, number: int) -> Customer:
        """The customer of this number."""
        user_id = f"user-{number:04}"
        return Customer(user_id, f"{user_id}@example.com", self.name_of(user_id))

    def name_of(self, user_id: str) -> str:
        """A person's name, always the same one for this id."""
        fake = self._seeded(user_id)
        return f"{fake.first_name()} {fake.last_name()}"

    def _seeded(self, what: str) -> Faker:
        self._faker.seed_instance(int.from_bytes(sha256(what.encode()).digest()[:8]))
        return self._faker
