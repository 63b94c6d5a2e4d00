"""Made-up products and customers: always the same ones, within the services' limits."""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bootstrap import catalogue
from bootstrap.catalogue import Customer, Product
from bootstrap.plausible import Plausible
from products.models import ProductRequest
from users.models import Registration

PLAUSIBLE = Plausible()


def test_items_are_those_of_the_locked_faker() -> None:
    """A new version of Faker may draw other names: then these change, and no id, address or category."""
    assert PLAUSIBLE.product(201) == Product(
        product_id="product-201",
        name="Wiley Cork Headphones, aqua",
        category="audio",
        price_cents=23399,
        description="Headphones by Wiley of West Annchester, cork, aqua: redefine scalable methodologies.",
    )
    assert PLAUSIBLE.customer(1) == Customer("user-0001", "user-0001@example.com", "Cathy Glass")


def test_items_are_the_same_in_another_process() -> None:
    code = "from bootstrap.plausible import Plausible; p = Plausible(); print(p.customer(9), p.product(999))"
    root = Path(__file__).parents[3]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        said = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True, cwd=root)
        assert said.strip() == f"{PLAUSIBLE.customer(9)} {PLAUSIBLE.product(999)}"


@given(st.integers(201, 10**9))
def test_item_depends_on_its_number_alone_and_fits_the_services(number: int) -> None:
    product, customer = PLAUSIBLE.product(number), PLAUSIBLE.customer(number)
    PLAUSIBLE.product(1)
    assert (PLAUSIBLE.product(number), PLAUSIBLE.customer(number)) == (product, customer)
    assert product.category in catalogue.CATEGORIES
    request = {"name": product.name, "category": product.category, "priceCents": product.price_cents}
    ProductRequest.model_validate({**request, "stock": product.stock, "description": product.description})
    Registration.model_validate({"email": customer.email, "password": "demo-password", "name": customer.name})


def test_products_go_on_where_the_catalogue_ends() -> None:
    more = list(islice(PLAUSIBLE.products(), 10))
    every = {each.product_id for each in (*catalogue.products(), *more)}
    assert len(every) == 210
    assert more[0].product_id == "product-201"
    assert {each.category for each in more} == set(catalogue.CATEGORIES)
