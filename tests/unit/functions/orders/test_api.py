"""The API of orders, with everything around it in memory."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.auth import Principal
from common.events import Reason
from common.paging import encode_cursor
from orders.domain import Status
from orders.handler import handler
from orders.intake import Intake
from orders.outbox import Outbox
from tests.unit.functions.factories import (
    ALICE,
    BOB,
    Context,
    FakeAnnouncer,
    FakePublisher,
    answer,
    api_event,
    bearer,
    details,
)
from tests.unit.functions.orders.memory import MemoryOrders, MemoryPrices

pytestmark = pytest.mark.usefixtures("intake")

IN_MEMORY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def order(*products: str, token: str = "tok_ok", quantity: object = 1) -> dict[str, Any]:
    """A request for these products."""
    items = [{"productId": name, "quantity": quantity} for name in products or ("p1",)]
    return {"items": items, "payment": {"method": "card", "token": token}}


def post(body: object, key: str | None = None, who: Principal = ALICE) -> dict[str, Any]:
    """Place an order."""
    headers = bearer(who) | ({} if key is None else {"Idempotency-Key": key})
    response: dict[str, Any] = handler(api_event("POST", "/orders", body, headers=headers), Context())
    return response


def get(path: str, query: dict[str, str] | None = None, who: Principal = ALICE) -> dict[str, Any]:
    """Read."""
    event = api_event("GET", path, headers=bearer(who), query=query)
    response: dict[str, Any] = handler(event, Context())
    return response


def test_order_is_accepted_stored_announced_and_published(
    orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    status, body = answer(post(order("p1", "p2", quantity=3)))
    assert (status, body["status"], body["totalCents"]) == (202, "PENDING", 3 * 101 + 3 * 102)
    stored = orders.orders[body["orderId"]]
    assert (stored.outbox, stored.status.value) == ("pending", "PENDING")
    assert announcer.stages() == ["accepted"]
    ((kind, event),) = publisher.published
    assert kind == "OrderPlaced"
    assert event.data.order_id == body["orderId"]
    assert event.metadata.stages == {"accepted": stored.placed_at}


def test_correlation_id_travels_into_event_and_announcement(announcer: FakeAnnouncer, publisher: FakePublisher) -> None:
    headers = bearer() | {"X-Correlation-Id": "mine"}
    handler(api_event("POST", "/orders", order(), headers=headers), Context())
    assert publisher.published[0][1].metadata.correlation_id == "mine"
    assert announcer.announced[0].attributes() == {
        "correlationId": "mine",
        "stage": "accepted",
        "status": "PENDING",
    }


@pytest.mark.parametrize("way", ["announcer", "publisher"])
def test_order_stands_when_it_cannot_be_published(
    way: str, announcer: FakeAnnouncer, publisher: FakePublisher, orders: MemoryOrders
) -> None:
    announcer.failures = int(way == "announcer")
    publisher.failures = int(way == "publisher")
    status, body = answer(post(order()))
    assert status == 202
    assert orders.orders[body["orderId"]].outbox == "pending"


def test_unknown_product_is_404_and_nothing_is_stored(orders: MemoryOrders) -> None:
    for name in ("nothing", "名前", "a" * 64):
        status, body = answer(post(order("p1", name)))
        assert (status, body["error"]["code"]) == (404, "UNKNOWN_PRODUCT")
    assert orders.orders == {}


@pytest.mark.parametrize("quantity", [True, 1.5, 1.0, "1", 0, -1, 10_001, 10**9, 10**30, None, [], {}])
def test_quantity_that_is_no_integer_from_1_to_10000_is_400(quantity: object) -> None:
    assert list(details(post(order("p1", quantity=quantity)))) == ["items.0.quantity"]


@IN_MEMORY
@given(st.integers() | st.floats() | st.booleans() | st.none() | st.text())
def test_quantity_is_taken_if_and_only_if_it_is_allowed(quantity: object) -> None:
    allowed = type(quantity) is int and 1 <= quantity <= 10_000
    assert post(order("p1", quantity=quantity))["statusCode"] == (202 if allowed else 400)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "items"),
        (order() | {"items": []}, "items"),
        (order() | {"items": {}}, "items"),
        (order() | {"items": None}, "items"),
        (order() | {"items": ["p1"]}, "items.0"),
        (order(*(f"p{n}" for n in range(1, 102))), "items"),
        (order("p1", "p2", "p1"), "items"),
        (order(""), "items.0.productId"),
        (order("a" * 65), "items.0.productId"),
        (order("a" * 100_000), "items.0.productId"),
        (order("\ud800"), "items.0.productId"),
        (order() | {"items": [{"productId": 1, "quantity": 1}]}, "items.0.productId"),
        (order() | {"items": [{"productId": "p1"}]}, "items.0.quantity"),
        (order() | {"payment": None}, "payment"),
        (order() | {"payment": {"token": "tok_ok"}}, "payment.method"),
        (order() | {"payment": {"method": "", "token": "tok_ok"}}, "payment.method"),
        (order() | {"payment": {"method": "m" * 33, "token": "tok_ok"}}, "payment.method"),
        (order() | {"payment": {"method": 1, "token": "tok_ok"}}, "payment.method"),
        (order() | {"payment": {"method": "card"}}, "payment.token"),
        (order(token="tok_free"), "payment.token"),
        (order(token=""), "payment.token"),
    ],
)
def test_bad_order_is_400_naming_the_field(body: dict[str, Any], field: str) -> None:
    assert field in details(post(body))


def test_hundred_lines_are_taken() -> None:
    assert answer(post(order(*(f"p{n}" for n in range(1, 101)), quantity=10_000)))[0] == 202


def test_unknown_fields_are_ignored() -> None:
    body = order()
    body["coupon"] = "XMAS"
    body["items"][0]["priceCents"] = 0
    assert answer(post(body))[1]["totalCents"] == 101


def test_same_key_and_body_give_the_same_answer_and_one_order(orders: MemoryOrders, publisher: FakePublisher) -> None:
    first = answer(post(order(), key="k1"))
    assert answer(post(order() | {"ignored": 1}, key="k1")) == first
    assert len(orders.orders) == 1
    assert publisher.types() == ["OrderPlaced"]


def test_same_key_gives_the_same_answer_whatever_has_happened_since(orders: MemoryOrders, prices: MemoryPrices) -> None:
    first = answer(post(order(), key="k1"))
    prices.prices.clear()
    assert answer(post(order(), key="k1")) == first


def test_same_key_with_another_body_is_422(orders: MemoryOrders) -> None:
    post(order(), key="k1")
    for other in (order("p2"), order(quantity=2), order(token="tok_slow")):
        status, body = answer(post(other, key="k1"))
        assert (status, body["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(orders.orders) == 1


def test_keys_are_a_customers_own() -> None:
    alice, bob = (answer(post(order(), key="k1", who=who))[1]["orderId"] for who in (ALICE, BOB))
    assert alice != bob


def test_two_requests_with_one_key_at_once_are_one_order(orders: MemoryOrders, intake: Intake) -> None:
    class Late(MemoryOrders):
        """The other request's order appears between our look and our put."""

        def get(self, order_id: str) -> None:
            return None

    first = answer(post(order(), key="k1"))
    from orders import api

    api.app.dependency_overrides[api.intake] = lambda: Intake(Late(orders.orders), intake.prices, intake.outbox)
    assert answer(post(order(), key="k1")) == first
    assert answer(post(order("p2"), key="k1"))[0] == 422


@pytest.mark.parametrize("key", ["", "k" * 65, "ü", "a\tb", "a\x7f", "a\n"])
def test_key_that_is_not_allowed_is_400(key: str) -> None:
    assert "idempotency-key" in details(post(order(), key=key))


@pytest.mark.parametrize("key", ["k", "k" * 64, "a,b", '{"a": 1}', "~ !"])
def test_key_of_printable_ascii_is_taken(key: str) -> None:
    first = answer(post(order(), key=key))
    assert first[0] == 202
    assert answer(post(order(), key=key)) == first


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/orders"), ("GET", "/orders"), ("GET", "/orders/x"), ("POST", "/orders/x/cancel")]
)
def test_without_token_everything_is_401(method: str, path: str) -> None:
    assert answer(handler(api_event(method, path), Context()))[0] == 401


def test_order_is_shown_to_its_customer_only() -> None:
    order_id = answer(post(order("p1", quantity=2)))[1]["orderId"]
    status, body = answer(get(f"/orders/{order_id}"))
    assert status == 200
    assert body["timeline"] == [{"stage": "accepted", "at": body["timeline"][0]["at"]}]
    del body["timeline"]
    assert body == {
        "orderId": order_id,
        "customerId": "alice",
        "items": [{"productId": "p1", "quantity": 2, "priceCents": 101}],
        "totalCents": 202,
        "status": "PENDING",
        "reason": None,
    }
    assert answer(get(f"/orders/{order_id}", who=BOB))[0] == 404


@pytest.mark.parametrize("order_id", ["nothing", "a" * 65, "名", "a b"])
def test_unknown_order_is_404(order_id: str) -> None:
    assert answer(get(f"/orders/{order_id}"))[0] == 404


def test_list_is_newest_first_in_pages_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(f"2026-11-21T10:15:{second:02}.000Z" for second in (1, 2, 2, 2, 3, 4, 5))
    monkeypatch.setattr("common.clock.now", lambda: next(times))
    placed = [answer(post(order()))[1]["orderId"] for _ in range(7)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = answer(get("/orders", {"limit": "3", **cursor}))[1]
        seen += [entry["orderId"] for entry in page["items"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert (seen[:3], seen[-1]) == (placed[:3:-1], placed[0])
    assert sorted(seen) == sorted(placed)
    assert answer(get("/orders", who=BOB)) == (200, {"items": [], "cursor": None})


def test_cursor_cannot_reach_another_customers_orders() -> None:
    post(order())
    cursor = encode_cursor({"orderId": "z", "placedAt": "9"})
    assert cursor is not None
    assert answer(get("/orders", {"cursor": cursor}, who=BOB))[1]["items"] == []
    bent = encode_cursor({"orderId": "z", "placedAt": "9", "customerId": "alice"})
    assert bent is not None
    assert "cursor" in details(get("/orders", {"cursor": bent}, who=BOB))


def cancel(order_id: str, who: Principal = ALICE, **headers: str) -> dict[str, Any]:
    """Cancel an order."""
    event = api_event("POST", f"/orders/{order_id}/cancel", headers=bearer(who) | headers)
    response: dict[str, Any] = handler(event, Context())
    return response


def test_cancellation_is_stored_announced_and_published(
    orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    order_id = answer(post(order("p1", quantity=2)))[1]["orderId"]
    assert answer(cancel(order_id)) == (202, {"orderId": order_id, "status": "CANCELLED"})
    stored = orders.orders[order_id]
    assert (stored.status.value, stored.reason, stored.outbox) == ("CANCELLED", None, None)
    assert [entry["stage"] for entry in answer(get(f"/orders/{order_id}"))[1]["timeline"]] == ["accepted", "cancelled"]
    assert (announcer.stages()[-1], announcer.announced[-1].status) == ("cancelled", "CANCELLED")
    kind, event = publisher.published[-1]
    assert kind == "OrderCancelled"
    assert event.data == publisher.published[0][1].data
    assert event.metadata.stages == stored.stages


def test_what_a_cancellation_causes_carries_its_correlation_id(
    announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    order_id = answer(post(order()))[1]["orderId"]
    cancel(order_id, **{"X-Correlation-Id": "second-thoughts"})
    assert publisher.published[-1][1].metadata.correlation_id == "second-thoughts"
    assert announcer.announced[-1].correlation_id == "second-thoughts"


def test_order_is_cancelled_once() -> None:
    order_id = answer(post(order()))[1]["orderId"]
    headers = {"X-Correlation-Id": "the-very-same-call"}
    assert cancel(order_id, **headers)["statusCode"] == 202
    for _ in range(2):
        status, body = answer(cancel(order_id, **headers))
        assert (status, body["error"]["code"]) == (409, "ORDER_NOT_CANCELLABLE")


def test_rejected_order_is_not_cancelled(
    orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    order_id = answer(post(order()))[1]["orderId"]
    before = orders.finish(order_id, Status.REJECTED, Reason.OUT_OF_STOCK, {"rejected": "2999"})
    status, body = answer(cancel(order_id))
    assert (status, body["error"]["code"]) == (409, "ORDER_NOT_CANCELLABLE")
    assert orders.orders[order_id] == before
    assert (announcer.stages(), publisher.types()) == (["accepted"], ["OrderPlaced"])


def test_only_the_customer_cancels(orders: MemoryOrders) -> None:
    order_id = answer(post(order()))[1]["orderId"]
    assert answer(cancel(order_id, who=BOB))[0] == 404
    assert answer(cancel("nothing"))[0] == 404
    assert answer(cancel("a" * 65))[0] == 404
    assert orders.orders[order_id].status == "PENDING"


@pytest.mark.parametrize("way", ["announcer", "publisher"])
def test_cancellation_stands_when_it_cannot_be_published_and_is_swept(
    way: str, announcer: FakeAnnouncer, publisher: FakePublisher, orders: MemoryOrders, outbox: Outbox
) -> None:
    order_id = answer(post(order()))[1]["orderId"]
    announcer.failures = int(way == "announcer")
    publisher.failures = int(way == "publisher")
    assert answer(cancel(order_id))[0] == 202
    stored = orders.orders[order_id]
    assert (stored.status, stored.outbox, publisher.types()) == ("CANCELLED", "pending", ["OrderPlaced"])
    assert stored.due_at is not None
    assert [found.order_id for found in orders.due(stored.due_at, 10)] == [order_id]
    outbox.tell(orders.due(stored.due_at, 10))
    assert publisher.types() == ["OrderPlaced", "OrderCancelled"]
    assert announcer.stages()[-1] == "cancelled"
    assert orders.orders[order_id].outbox is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["items", "productId", "quantity", "payment", "method", "token"]), inner)
    ),
    max_leaves=8,
)


@IN_MEMORY
@given(ANYTHING)
def test_no_body_is_a_server_error(body: object) -> None:
    assert post(body)["statusCode"] in (202, 400, 404)
