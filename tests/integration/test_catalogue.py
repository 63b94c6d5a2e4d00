"""The catalogue as admins change it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

KETTLE = {"name": "Kettle", "category": "tests", "priceCents": 1999, "stock": 5, "description": "Hot."}


def test_product_can_be_ordered_as_soon_as_it_is_added(admin, customer):
    added = admin.call("POST", "/products", KETTLE)
    assert added.status_code == 201, added.text
    product_id = added.json()["productId"]
    assert added.json() == {"productId": product_id, **KETTLE}

    placed = customer.place((product_id, 2))

    assert (placed.status_code, placed.json()["totalCents"]) == (202, 2 * 1999)
    assert customer.order_once(placed.json()["orderId"])["status"] == "CONFIRMED"
    assert customer.call("GET", f"/products/{product_id}").json()["stock"] == 3


def test_replaced_stock_can_be_bought(admin, customer, product):
    product_id = product(0)
    replaced = admin.call("PUT", f"/products/{product_id}", {**KETTLE, "stock": 1})
    assert (replaced.status_code, replaced.json()["stock"]) == (200, 1)

    placed = customer.place((product_id, 1))

    assert customer.order_once(placed.json()["orderId"])["status"] == "CONFIRMED"


def test_removed_product_cannot_be_ordered(admin, customer, product):
    product_id = product(7)
    assert admin.call("DELETE", f"/products/{product_id}").status_code == 204

    assert customer.call("GET", f"/products/{product_id}").status_code == 404
    assert customer.place((product_id, 1)).status_code == 404
    assert admin.call("DELETE", f"/products/{product_id}").status_code == 404


def test_of_edits_of_one_version_exactly_one_holds(admin, product):
    product_id = product(7)
    version = admin.call("GET", f"/products/{product_id}").headers["ETag"]

    def edit(number: int):
        body = {**KETTLE, "name": f"Kettle {number}", "stock": number}
        return admin.call("PUT", f"/products/{product_id}", body, headers={"If-Match": version})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(edit, range(1, 5)))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    held = next(answer.json() for answer in answers if answer.status_code == 200)
    assert admin.call("GET", f"/products/{product_id}").json() == held


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/products"), ("PUT", "/products/product-001"), ("DELETE", "/products/product-001")],
)
def test_only_admins_change_the_catalogue(anonymous, customer, method, path):
    assert anonymous.call(method, path, KETTLE).status_code == 401
    assert customer.call(method, path, KETTLE).status_code == 403
