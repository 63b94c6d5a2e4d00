"""The demo data is the same in every sandbox."""

from collections import Counter

from bootstrap.catalogue import CATEGORIES, DEMO_USERS, FLASH, products


def test_products_are_the_same_every_time() -> None:
    assert products() == products()


def test_there_are_200_products_in_10_categories_with_a_million_each() -> None:
    found = products()
    assert [product.product_id for product in found] == [f"product-{n:03}" for n in range(1, 201)]
    assert Counter(product.category for product in found) == dict.fromkeys(CATEGORIES, 20)
    assert len(CATEGORIES) == 10
    assert {product.stock for product in found} == {1_000_000}


def test_names_are_unique_and_prices_plausible() -> None:
    found = products()
    assert len({product.name for product in found}) == len(found)
    assert all(100 <= product.price_cents <= 30_000 for product in found)
    assert len({product.price_cents for product in found}) > 100


def test_flash_sale_has_a_hundred() -> None:
    assert (FLASH.product_id, FLASH.stock) == ("flash-1", 100)


def test_demo_users_are_a_customer_and_an_admin() -> None:
    assert [(user.email, user.password, user.role) for user in DEMO_USERS] == [
        ("demo@example.com", "demo-password", "customer"),
        ("admin@example.com", "admin-password", "admin"),
    ]
