"""The API of the cart, with everything around it in memory."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cart.handler import handler
from cart.shopping import Shopping
from common.auth import Principal
from common.events import Payment
from tests.unit.functions.cart.memory import MemoryCarts, MemoryPrices
from tests.unit.functions.factories import (
    ACCEPTED_AT,
    ALICE,
    BOB,
    Context,
    FakePublisher,
    answer,
    api_event,
    bearer,
    details,
)

pytestmark = pytest.mark.usefixtures("shopping")

IN_MEMORY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
EMPTY = (200, {"items": [], "totalCents": 0})
PAYMENT = {"method": "card", "token": "tok_ok"}


def call(method: str, path: str, body: object = None, who: Principal = ALICE, **headers: str) -> dict[str, Any]:
    """One request."""
    return handler(api_event(method, path, body, headers=bearer(who) | headers), Context())


def put(product_id: str, quantity: object = 1, who: Principal = ALICE) -> dict[str, Any]:
    """Make it so many."""
    return call("PUT", f"/cart/items/{product_id}", {"quantity": quantity}, who)


def check_out(payment: object = PAYMENT, who: Principal = ALICE, **headers: str) -> dict[str, Any]:
    """Buy it."""
    return call("POST", "/cart/checkout", {"payment": payment}, who, **headers)


def test_cart_that_was_never_touched_is_empty() -> None:
    assert answer(call("GET", "/cart")) == EMPTY


def test_put_sets_the_quantity_however_often() -> None:
    expected = {"items": [{"productId": "p1", "quantity": 3, "priceCents": 101}], "totalCents": 303}
    assert answer(put("p1", 7))[0] == 200
    assert [answer(put("p1", 3)) for _ in range(2)] == [(200, expected)] * 2
    assert answer(call("GET", "/cart")) == (200, expected)


def test_removed_product_is_gone_and_not_there_to_be_removed_again() -> None:
    put("p1")
    put("p2")
    status, body = answer(call("DELETE", "/cart/items/p1"))
    assert (status, [line["productId"] for line in body["items"]], body["totalCents"]) == (200, ["p2"], 102)
    assert answer(call("DELETE", "/cart/items/p1"))[0] == 404


@pytest.mark.parametrize("product_id", ["nothing", "名", "a" * 65, "a b", "p1/x"])
def test_unknown_product_is_404_and_not_put(product_id: str) -> None:
    assert answer(put(product_id))[0] == 404
    assert answer(call("DELETE", f"/cart/items/{product_id}"))[0] == 404
    assert answer(call("GET", "/cart")) == EMPTY


@pytest.mark.parametrize("quantity", [True, 1.5, 1.0, "1", 0, -1, 10_001, 10**30, None, [], {}])
def test_quantity_that_is_no_integer_from_1_to_10000_is_400(quantity: object) -> None:
    assert list(details(put("p1", quantity))) == ["quantity"]


@pytest.mark.parametrize("body", [{}, [], None, "x", {"Quantity": 1}])
def test_put_without_a_quantity_is_400(body: object) -> None:
    assert details(call("PUT", "/cart/items/p1", body))


@IN_MEMORY
@given(st.integers() | st.floats() | st.booleans() | st.none() | st.text())
def test_quantity_is_taken_if_and_only_if_it_is_allowed(quantity: object) -> None:
    allowed = type(quantity) is int and 1 <= quantity <= 10_000
    assert put("p1", quantity)["statusCode"] == (200 if allowed else 400)


def test_hundred_and_first_product_is_400_naming_the_field() -> None:
    for number in range(1, 101):
        assert put(f"p{number}")["statusCode"] == 200
    assert list(details(put("p101"))) == ["productId"]
    assert put("p100", 2)["statusCode"] == 200


def test_products_that_are_gone_do_not_fill_the_cart(prices: MemoryPrices, carts: MemoryCarts) -> None:
    for number in range(1, 101):
        put(f"p{number}")
    del prices.prices["p7"], prices.prices["p8"]
    status, body = answer(put("p101"))
    assert (status, len(body["items"])) == (200, 99)
    assert carts.get("alice").quantities.keys() == {f"p{n}" for n in range(1, 102) if n not in (7, 8)}


CATALOGUE = st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 100_000_000), max_size=20)


@IN_MEMORY
@given(st.data(), CATALOGUE)
def test_total_is_that_of_the_lines_at_todays_prices(data: st.DataObject, catalogue: dict[str, int]) -> None:
    carts, prices, publisher = MemoryCarts(), MemoryPrices(catalogue), FakePublisher()
    shopping = Shopping(carts, carts, prices, publisher)
    names = st.sampled_from(sorted(catalogue)) if catalogue else st.nothing()
    wanted = data.draw(st.dictionaries(names, st.integers(1, 10_000)))
    for name, quantity in wanted.items():
        shopping.put("alice", name, quantity, "2026-11-21T10:15:30.123Z")
    prices.prices = data.draw(st.dictionaries(st.sampled_from(["x", *catalogue]), st.integers(0, 100_000_000)))
    expected = {name: (n, prices.prices[name]) for name, n in wanted.items() if name in prices.prices}
    lines = shopping.lines(carts.get("alice"))
    assert {line.product_id: (line.quantity, line.price_cents) for line in lines} == expected
    if expected:
        checkout = shopping.check_out(ALICE, Payment.model_validate(PAYMENT), "corr-1", "2026-11-21T10:15:30.123Z")
        assert checkout.items == lines
        assert checkout.total_cents == sum(quantity * price for quantity, price in expected.values())
        assert publisher.published[0][1].data.total_cents == checkout.total_cents


def test_checkout_publishes_the_order_and_empties_the_cart(publisher: FakePublisher, carts: MemoryCarts) -> None:
    put("p1", 2)
    put("p2")
    status, body = answer(check_out(**{"X-Correlation-Id": "mine"}))
    assert (status, body) == (202, {"orderId": body["orderId"], "status": "PENDING"})
    assert answer(call("GET", "/cart")) == EMPTY
    ((kind, event),) = publisher.published
    assert kind == "CartCheckedOut"
    assert event.metadata.correlation_id == "mine"
    assert list(event.metadata.stages) == ["accepted"]
    assert event.data.model_dump(by_alias=True, exclude_none=True) == {
        "orderId": body["orderId"],
        "customerId": "alice",
        "customerEmail": "alice@example.com",
        "items": (
            {"productId": "p1", "quantity": 2, "priceCents": 101},
            {"productId": "p2", "quantity": 1, "priceCents": 102},
        ),
        "totalCents": 304,
        "payment": PAYMENT,
    }
    assert carts.checkouts == {}


def test_prices_are_those_of_the_checkout(publisher: FakePublisher, prices: MemoryPrices) -> None:
    put("p1", 2)
    prices.prices["p1"] = 5
    assert answer(call("GET", "/cart"))[1]["totalCents"] == 10
    prices.prices["p1"] = 6
    check_out()
    assert publisher.published[0][1].data.total_cents == 12


def test_empty_cart_is_409_naming_the_order_that_it_became() -> None:
    status, body = answer(check_out())
    assert (status, body["error"]["code"]) == (409, "EMPTY_CART")
    put("p1")
    order_id = answer(check_out())[1]["orderId"]
    status, body = answer(check_out())
    assert (status, body["error"]["code"]) == (409, "EMPTY_CART")
    assert order_id in body["error"]["message"]


def test_product_that_left_the_catalogue_is_neither_shown_nor_bought(
    prices: MemoryPrices, publisher: FakePublisher
) -> None:
    put("p1")
    put("p2")
    del prices.prices["p1"]
    assert [line["productId"] for line in answer(call("GET", "/cart"))[1]["items"]] == ["p2"]
    assert check_out()["statusCode"] == 202
    assert [line.product_id for line in publisher.published[0][1].data.items] == ["p2"]


def test_cart_of_nothing_but_gone_products_is_empty(prices: MemoryPrices, publisher: FakePublisher) -> None:
    put("p1")
    prices.prices.clear()
    assert answer(call("GET", "/cart")) == EMPTY
    assert check_out()["statusCode"] == 409
    assert call("DELETE", "/cart/items/p1")["statusCode"] == 200
    assert publisher.published == []


@pytest.mark.parametrize(
    ("payment", "field"),
    [
        (None, "payment"),
        ({"token": "tok_ok"}, "payment.method"),
        ({"method": "", "token": "tok_ok"}, "payment.method"),
        ({"method": "m" * 33, "token": "tok_ok"}, "payment.method"),
        ({"method": "card"}, "payment.token"),
        ({"method": "card", "token": "tok_free"}, "payment.token"),
    ],
)
def test_bad_payment_is_400_and_leaves_the_cart(payment: object, field: str) -> None:
    put("p1")
    assert list(details(check_out(payment))) == [field]
    assert len(answer(call("GET", "/cart"))[1]["items"]) == 1


def test_cart_is_of_the_one_who_asks() -> None:
    put("p1")
    assert answer(call("GET", "/cart", who=BOB)) == EMPTY
    assert call("DELETE", "/cart/items/p1", who=BOB)["statusCode"] == 404
    assert check_out(who=BOB)["statusCode"] == 409
    assert len(answer(call("GET", "/cart"))[1]["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cart"), ("PUT", "/cart/items/p1"), ("DELETE", "/cart/items/p1"), ("POST", "/cart/checkout")],
)
def test_without_token_everything_is_401(method: str, path: str) -> None:
    assert answer(handler(api_event(method, path, {}), Context()))[0] == 401


def test_order_stands_when_it_cannot_be_published(publisher: FakePublisher, carts: MemoryCarts) -> None:
    put("p1")
    publisher.failures = 1
    status, body = answer(check_out())
    assert status == 202
    assert list(carts.checkouts) == [body["orderId"]]


def test_cart_that_never_stands_still_is_409_and_kept(carts: MemoryCarts, publisher: FakePublisher) -> None:
    put("p1")
    carts.between = lambda: carts.put("alice", "p2", 1, ACCEPTED_AT) and None
    status, body = answer(check_out())
    assert (status, body["error"]["code"]) == (409, "CART_CHANGING")
    assert carts.get("alice").quantities == {"p1": 1, "p2": 1}
    assert publisher.published == []
