"""Recommendations, from real orders to the route, by the stream of the table `orders`."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from common.order_stream import OrderChange
from recommendations.consumer import Counting
from recommendations.store import DynamoAffinities
from tests.conftest import Aws
from tests.integration.conftest import Customer
from tests.unit.functions.factories import stream_record
from tests.unit.functions.recommendations.direct import directly
from tests.waiting import until

FOLLOWS_WITHIN_S = 10


@pytest.fixture
def recommended(anonymous: Customer) -> Callable[[str], list[tuple[str, float]]]:
    """What the route recommends: (product, score)."""

    def read(product_id: str) -> list[tuple[str, float]]:
        answer = anonymous.call("GET", f"/products/{product_id}/recommendations")
        assert answer.status_code == 200, answer.text
        return [(each["productId"], each["score"]) for each in answer.json()["items"]]

    return read


def test_known_baskets_give_what_a_direct_computation_gives(
    customer: Customer, product: Callable[[int], str], recommended: Callable[[str], list[tuple[str, float]]]
) -> None:
    a, b, c, d = (product(1000) for _ in range(4))
    baskets = [{a, b}, {a, b, c}, {c}, {c, d}, {a, c}, {b}]
    cancelled = {a, b, d}
    orders = [customer.place(*((each, 1) for each in basket)).json()["orderId"] for basket in [*baskets, cancelled]]
    declined = customer.place((a, 1), (d, 1), token="tok_declined").json()["orderId"]
    for order_id in orders:
        customer.order_once(order_id, "CONFIRMED")
    customer.order_once(declined, "REJECTED")
    assert customer.call("POST", f"/orders/{orders[-1]}/cancel").status_code == 202
    wanted = {each: directly(each, [frozenset(basket) for basket in baskets]) for each in (a, b, c, d)}
    until(lambda: {each: recommended(each) for each in wanted} == wanted, timeout_s=FOLLOWS_WITHIN_S + 20)


@pytest.mark.slow
def test_recommendations_follow_an_order_in_time(
    customer: Customer, product: Callable[[int], str], recommended: Callable[[str], list[tuple[str, float]]]
) -> None:
    def follows_after() -> float:
        one, other = product(10), product(10)
        customer.order_once(customer.place((one, 1), (other, 1)).json()["orderId"], "CONFIRMED")
        confirmed = time.monotonic()
        until(lambda: recommended(one) == [(other, 1.0)])
        return time.monotonic() - confirmed

    # The best of three: what else runs here can only make it slower.
    assert min(follows_after() for _ in range(3)) < FOLLOWS_WITHIN_S


def test_deleted_product_is_recommended_no_more(
    admin: Customer,
    customer: Customer,
    product: Callable[[int], str],
    recommended: Callable[[str], list[tuple[str, float]]],
) -> None:
    one, kept, deleted = (product(10) for _ in range(3))
    customer.order_once(customer.place((one, 1), (kept, 1), (deleted, 1)).json()["orderId"], "CONFIRMED")
    until(lambda: len(recommended(one)) == 2)
    assert admin.call("DELETE", f"/products/{deleted}").status_code == 204
    assert recommended(one) == [(kept, 1.0)]


def test_cold_product_gets_best_sellers_of_its_category_and_an_unknown_one_404(
    admin: Customer, customer: Customer, anonymous: Customer, recommended: Callable[[str], list[tuple[str, float]]]
) -> None:
    category = uuid.uuid4().hex
    thing = {"name": "Thing", "category": category, "priceCents": 999, "stock": 10, "description": "For a test"}
    cold, good, better = (admin.call("POST", "/products", thing).json()["productId"] for _ in range(3))
    assert recommended(cold) == []
    for each in (good, better, better):
        customer.order_once(customer.place((each, 1)).json()["orderId"], "CONFIRMED")
    until(lambda: recommended(cold) == [(better, 0), (good, 0)], timeout_s=FOLLOWS_WITHIN_S + 20)
    missing = anonymous.call("GET", "/products/none/recommendations")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_store_counts_the_largest_orders_and_takes_them_back(stack: Any, aws: Aws) -> None:
    store = DynamoAffinities(aws("dynamodb"), "recommendations", "products")
    run = uuid.uuid4().hex[:8]
    products = [f"{run}-{number:03}" for number in range(100)]
    lines = [(each, 1, 100) for each in products]
    sold = OrderChange.of(stream_record(f"{run}-a", "PENDING", "CONFIRMED", lines))
    again = OrderChange.of(stream_record(f"{run}-b", "PENDING", "CONFIRMED", lines[:2]))
    undone = OrderChange.of(stream_record(f"{run}-a", "CONFIRMED", "CANCELLED", lines))
    Counting(store).on_changes([sold, sold, again])
    item = aws("dynamodb").get_item(TableName="recommendations", Key={"id": {"S": f"product#{products[0]}"}})["Item"]
    counts = {name: value["N"] for name, value in item.items() if name.startswith("+")}
    assert counts == {f"+{each}": "2" if each == products[1] else "1" for each in products[1:]}
    Counting(store).on_changes([sold, undone, undone, sold])
    item = aws("dynamodb").get_item(TableName="recommendations", Key={"id": {"S": f"product#{products[0]}"}})["Item"]
    assert {name for name, value in item.items() if name.startswith("+") and value["N"] != "0"} == {f"+{products[1]}"}
