"""The demo data: made by counting, so that every sandbox has the same products at the same prices."""

from dataclasses import dataclass

PRODUCTS_PER_CATEGORY = 20
STOCK = 1_000_000
FLASH_STOCK = 100

KINDS = {
    "audio": ("Headphones", "Speaker", "Microphone", "Turntable"),
    "bags": ("Backpack", "Tote", "Messenger Bag", "Duffel"),
    "books": ("Cookbook", "Atlas", "Novel", "Field Guide"),
    "coffee": ("Grinder", "Kettle", "French Press", "Espresso Cup"),
    "cycling": ("Helmet", "Saddle", "Bike Light", "Pannier"),
    "garden": ("Secateurs", "Watering Can", "Planter", "Trowel"),
    "kitchen": ("Chef's Knife", "Skillet", "Cutting Board", "Mixing Bowl"),
    "lighting": ("Desk Lamp", "Floor Lamp", "Pendant", "Lantern"),
    "outdoor": ("Tent", "Sleeping Bag", "Headlamp", "Camping Stove"),
    "stationery": ("Notebook", "Fountain Pen", "Desk Pad", "Pencil Case"),
}
_MAKES = ("Alder", "Birch", "Cedar", "Juniper", "Rowan")
CATEGORIES = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Product:
    """One product with the stock that it starts with."""

    product_id: str
    name: str
    category: str
    price_cents: int
    description: str
    stock: int = STOCK


@dataclass(frozen=True, slots=True)
class DemoUser:
    email: str
    password: str
    name: str
    role: str = "customer"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer whose id and address are fixed before there is an account."""

    user_id: str
    email: str
    name: str


DEMO_USERS = (
    DemoUser("demo@example.com", "demo-password", "Demo Customer"),
    DemoUser("admin@example.com", "admin-password", "Demo Admin", role="admin"),
)

FLASH = Product(
    product_id="flash-1",
    name="Flash Sale Lantern",
    category="lighting",
    price_cents=999,
    description="A hundred of them and no more: what happens when everybody wants one at once.",
    stock=FLASH_STOCK,
)


def products() -> list[Product]:
    """`product-001` to `product-200`, twenty of each category in turn; without `FLASH`."""
    return [_product(number) for number in range(1, len(CATEGORIES) * PRODUCTS_PER_CATEGORY + 1)]


def _product(number: int) -> Product:
    turn, column = divmod(number - 1, len(CATEGORIES))
    category = CATEGORIES[column]
    make, kind = _MAKES[turn % len(_MAKES)], KINDS[category][turn // len(_MAKES)]
    return Product(
        product_id=f"product-{number:03}",
        name=f"{make} {kind}",
        category=category,
        # Spread over 4.99 to 246.99 without a pattern that one sees.
        price_cents=499 + number * 7919 % 243 * 100,
        description=f"The {make} {kind.lower()} from our {category} range.",
    )
