"""The doors that have no caller to answer: a cart that was checked out, and the queue `order-intake`."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from common import clock
from common.events import EventType, OrderEvent
from common.events.order import Metadata
from orders import handler as entry
from orders.consumer import OrderReactions
from orders.domain import Order, Status
from orders.intake import Intake
from orders.outbox import Outbox
from orders.queued import on_queued_orders
from tests.unit.functions.factories import (
    ACCEPTED_AT,
    Context,
    FakeAnnouncer,
    FakePublisher,
    bus_record,
    lines,
    order_event,
    sqs_event,
    sqs_record,
)
from tests.unit.functions.orders.memory import MemoryOrders, MemoryPrices

NOW = "2026-11-21T10:20:00.000Z"
SENT_AT = "2026-11-21T10:15:30.123Z"  # the factory's SentTimestamp
ATTRIBUTES = {
    "orderId": "request-1",
    "customerId": "alice",
    "customerEmail": "alice@example.com",
    "correlationId": "corr-1",
}
CART = order_event("cart-1", items=lines(("p1", 2), ("p2", 1)), total=300)


@pytest.fixture(autouse=True)
def behind_the_handler(monkeypatch: pytest.MonkeyPatch, intake: Intake) -> None:
    """The function's handler, with everything around it in memory; the clock stands."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(entry, "on_queued_order", on_queued_orders(intake.queued))
    reactions = OrderReactions(intake.orders, intake.outbox).by_type()
    monkeypatch.setattr(
        entry,
        "on_event",
        entry.on_bus_events({**reactions, EventType.CART_CHECKED_OUT: intake.checked_out}),
    )


def deliver(record: dict[str, Any]) -> bool:
    """Whether the function has done with the record."""
    answer: dict[str, Any] = entry.handler(sqs_event(record), Context())
    return answer == {"batchItemFailures": []}


def message(*wanted: tuple[str, int], token: str = "tok_ok", **attributes: str | None) -> dict[str, Any]:
    """A record of `order-intake`; an attribute that is None is left out."""
    items = [{"productId": name, "quantity": quantity} for name, quantity in wanted or (("p1", 1),)]
    return raw_message(json.dumps({"items": items, "payment": {"method": "card", "token": token}}), **attributes)


def raw_message(body: str, **attributes: str | None) -> dict[str, Any]:
    """A record of `order-intake` with any body."""
    given_attributes = {name: value for name, value in (ATTRIBUTES | attributes).items() if value is not None}
    arn = "arn:aws:sqs:us-east-1:000000000000:order-intake"
    return sqs_record(body, **given_attributes) | {"eventSourceARN": arn}


def checked_out(event: OrderEvent = CART) -> dict[str, Any]:
    """CartCheckedOut as it comes from the bus."""
    return bus_record("CartCheckedOut", event)


def test_cart_becomes_the_order_that_it_names(
    orders: MemoryOrders, prices: MemoryPrices, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    prices.prices.clear()  # the prices are the cart's
    assert deliver(checked_out())
    order = orders.orders["cart-1"]
    assert (order.status, order.outbox, order.due_at) == (Status.PENDING, "pending", "2026-11-21T10:20:30.000Z")
    assert (order.placed_at, order.stages) == (ACCEPTED_AT, {"accepted": ACCEPTED_AT})
    assert (order.correlation_id, order.total_cents, order.items) == ("corr-1", 300, CART.data.items)
    assert (order.customer_id, order.customer_email) == ("alice", "alice@example.com")
    assert announcer.stages() == ["accepted"]
    assert publisher.published == [(EventType.ORDER_PLACED, CART)]


@pytest.mark.parametrize(
    "record",
    [pytest.param(checked_out(), id="cart"), pytest.param(message(), id="queue")],
)
def test_repeat_changes_nothing_and_tells_nothing(
    record: dict[str, Any], orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    assert deliver(record)
    (placed,) = orders.orders.values()
    orders.advance(placed.order_id, {"stock-reserved": NOW})
    before = dict(orders.orders)
    for _ in range(2):
        assert deliver(record)
    assert orders.orders == before
    assert (announcer.stages(), publisher.types()) == (["accepted"], ["OrderPlaced"])


@pytest.mark.parametrize(
    "record",
    [pytest.param(checked_out(), id="cart"), pytest.param(message(), id="queue")],
)
def test_order_that_could_not_be_told_is_told_by_the_redelivery(
    record: dict[str, Any], orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    publisher.failures = 1
    assert deliver(record)  # the order stands; without a redelivery the sweep tells
    assert [order.outbox for order in orders.orders.values()] == ["pending"]
    assert deliver(record)
    assert publisher.types() == ["OrderPlaced"]
    assert set(announcer.stages()) == {"accepted"}


@pytest.mark.parametrize(
    "event",
    [
        CART.model_copy(update={"metadata": Metadata(correlation_id="c")}),
        CART.model_copy(update={"data": CART.data.model_copy(update={"payment": None})}),
        CART.model_copy(update={"data": CART.data.model_copy(update={"items": ()})}),
    ],
    ids=["time", "payment", "items"],
)
def test_cart_that_lacks_a_part_fails(event: OrderEvent, orders: MemoryOrders, log_lines: list[dict[str, Any]]) -> None:
    assert not deliver(checked_out(event))
    assert orders.orders == {}
    assert [line["exception_name"] for line in log_lines if "exception_name" in line] == ["ValueError"]


def test_queued_order_is_priced_now_and_accepted_when_it_was_sent(
    orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    assert deliver(message(("p1", 2), ("p2", 1), token="tok_slow"))
    order = orders.orders["request-1"]
    assert (order.status, order.total_cents, order.payment.token) == (Status.PENDING, 2 * 101 + 102, "tok_slow")
    assert order.stages == {"accepted": SENT_AT}
    assert order.due_at == "2026-11-21T10:20:30.000Z"
    assert (order.customer_id, order.customer_email, order.correlation_id) == ("alice", "alice@example.com", "corr-1")
    assert (announcer.stages(), publisher.types()) == (["accepted"], ["OrderPlaced"])


PRODUCTS = st.sampled_from(["p1", "p2", "p3"])


@settings(deadline=None)
@given(st.lists(st.tuples(PRODUCTS, st.integers(1, 10_000)), min_size=1, max_size=12))
def test_lines_of_one_product_are_added_up(wanted: list[tuple[str, int]]) -> None:
    orders = MemoryOrders()
    intake = Intake(orders, MemoryPrices(), Outbox(orders, FakeAnnouncer(), FakePublisher()))
    added: dict[str, int] = {}
    for name, quantity in wanted:
        added[name] = added.get(name, 0) + quantity

    on_queued_orders(intake.queued)(SQSRecord(message(*wanted)))

    stored = [{line.product_id: line.quantity for line in order.items} for order in orders.orders.values()]
    assert stored == [added]


def test_unknown_product_is_a_rejection(
    orders: MemoryOrders, announcer: FakeAnnouncer, publisher: FakePublisher
) -> None:
    record = message(("p1", 2), ("nothing", 1))
    assert deliver(record)
    order = orders.orders["request-1"]
    assert (order.status, order.reason, order.outbox) == (Status.REJECTED, "UNKNOWN_PRODUCT", None)
    assert order.stages == {"accepted": SENT_AT, "rejected": NOW}
    assert [(line.product_id, line.price_cents) for line in order.items] == [("p1", 101), ("nothing", 0)]
    assert announcer.stages() == ["accepted", "rejected"]
    assert {(each.status, each.reason) for each in announcer.announced} == {("REJECTED", "UNKNOWN_PRODUCT")}
    assert publisher.types() == []
    assert deliver(record)
    assert announcer.stages() == ["accepted", "rejected"]


def test_rejection_that_could_not_be_announced_is_swept(
    orders: MemoryOrders, outbox: Outbox, announcer: FakeAnnouncer
) -> None:
    announcer.failures = 1
    assert deliver(message(("nothing", 1)))
    due: list[Order] = orders.due("2999-01-01T00:00:00.000Z", 10)
    assert [order.order_id for order in due] == ["request-1"]
    outbox.tell(due)
    assert announcer.stages() == ["accepted", "rejected"]
    assert orders.orders["request-1"].outbox is None


def test_what_was_rejected_stays_so_when_the_product_comes(orders: MemoryOrders, prices: MemoryPrices) -> None:
    assert deliver(message(("late", 1)))
    prices.prices["late"] = 100
    assert deliver(message(("late", 1)))
    assert orders.orders["request-1"].status is Status.REJECTED


@pytest.mark.parametrize("other", [message(customerId="bob"), message(("p2", 1)), message(("p1", 1), token="tok_slow")])
def test_other_order_under_a_taken_id_is_a_dead_letter(
    other: dict[str, Any], orders: MemoryOrders, log_lines: list[dict[str, Any]]
) -> None:
    assert deliver(message())
    before = orders.get("request-1")
    assert not deliver(other)
    assert orders.get("request-1") == before
    (failure,) = [line for line in log_lines if line["level"] == "ERROR"]
    assert failure["exception_name"] == "OrderIdTakenError"
    assert deliver(message())


@pytest.mark.parametrize("attribute", list(ATTRIBUTES))
def test_message_without_an_attribute_fails_and_the_log_names_it(
    attribute: str, orders: MemoryOrders, log_lines: list[dict[str, Any]]
) -> None:
    assert not deliver(message(**{attribute: None}))
    assert orders.orders == {}
    (failure,) = [line for line in log_lines if line["level"] == "ERROR"]
    assert attribute in failure["exception"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("[]", "request"),
        ("{}", "items"),
        ('{"items": [], "payment": {"method": "card", "token": "tok_ok"}}', "items"),
        ('{"items": [{"productId": "p1", "quantity": 0}], "payment": {}}', "quantity"),
        ('{"items": [{"productId": "p1", "quantity": 1.5}], "payment": {}}', "quantity"),
        ('{"items": [{"productId": "p1", "quantity": 1}], "payment": {"method": "card", "token": "free"}}', "token"),
        (json.dumps({"items": [{"productId": f"p{n}", "quantity": 1} for n in range(101)], "payment": {}}), "items"),
    ],
)
def test_body_that_is_no_order_fails_and_the_log_says_why(
    body: str, reason: str, orders: MemoryOrders, log_lines: list[dict[str, Any]]
) -> None:
    assert not deliver(raw_message(body))
    assert orders.orders == {}
    (failure,) = [line for line in log_lines if line["level"] == "ERROR"]
    assert reason in failure["exception"]
    assert "input_value" not in failure["exception"]  # it may hold anything
    assert (failure["order_id"], failure["correlation_id"]) == ("request-1", "corr-1")
