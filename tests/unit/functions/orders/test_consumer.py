"""How an order moves when the other services report, in whatever order and however often."""

import itertools
import json

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import clock
from common.consumer import on_bus_events
from common.events import EventType, OrderEvent, Reason, Stage
from common.outbox import next_sweep, sweep
from orders.consumer import OrderReactions
from orders.domain import Cancellation, Order, Status
from orders.intake import Intake
from orders.outbox import Outbox
from orders.queued import on_queued_orders
from orders.store import OrderMissingError
from tests.unit.functions.factories import (
    ACCEPTED_AT,
    FakeAnnouncer,
    FakePublisher,
    bus_record,
    order_event,
    record_with_unknown_fields,
    sqs_record,
    with_unknown_fields,
)
from tests.unit.functions.orders.memory import MemoryOrders, MemoryPrices

RESERVED_AT, CAPTURED_AT, NOTIFIED_AT = (f"2026-11-21T10:15:3{second}.000Z" for second in (1, 2, 9))
CONFIRMED_AT = "2026-11-21T10:15:33.000Z"
HAPPY = ["accepted", "stock-reserved", "payment-captured", "confirmed", "notified"]


def pending(order_id: str = "order-1", due_at: str | None = None) -> Order:
    """An order just accepted."""
    data = order_event(order_id).data
    return Order(
        order_id=order_id,
        customer_id=data.customer_id,
        customer_email=data.customer_email,
        items=data.items,
        total_cents=data.total_cents,
        payment=data.payment or pytest.fail("no payment"),
        placed_at=ACCEPTED_AT,
        stages={"accepted": ACCEPTED_AT},
        correlation_id="corr-1",
        fingerprint="f",
        outbox="pending",
        due_at=due_at or next_sweep(ACCEPTED_AT, 0),
    )


@pytest.fixture
def reactions(orders: MemoryOrders, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> OrderReactions:
    """The service, with order-1 accepted and the clock stopped."""
    monkeypatch.setattr(clock, "now", lambda: CONFIRMED_AT)
    orders.add(pending())
    return OrderReactions(orders, outbox)


RESERVED = order_event().reached(Stage.STOCK_RESERVED, RESERVED_AT)
CAPTURED = RESERVED.reached(Stage.PAYMENT_CAPTURED, CAPTURED_AT)
NOTIFIED = CAPTURED.reached(Stage.CONFIRMED, CONFIRMED_AT).reached(Stage.NOTIFIED, NOTIFIED_AT)


EVENTS: dict[str, OrderEvent] = {
    "StockReserved": RESERVED,
    "PaymentCaptured": CAPTURED,
    "OrderNotified": NOTIFIED,
    "PaymentDeclined": RESERVED.because(Reason.PAYMENT_DECLINED),
    "StockRejected": order_event().because(Reason.OUT_OF_STOCK),
}


def deliver(reactions: OrderReactions, kind: str) -> None:
    """One event of the happy path, or of a declined payment."""
    reactions.by_type()[kind](EVENTS[kind])


@pytest.mark.parametrize("kinds", list(itertools.permutations(["StockReserved", "PaymentCaptured", "OrderNotified"])))
def test_happy_path_ends_the_same_in_any_order(
    reactions: OrderReactions, orders: MemoryOrders, announcer: FakeAnnouncer, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        deliver(reactions, kind)
    order = orders.orders["order-1"]
    assert (order.status, order.reason, order.outbox) == (Status.CONFIRMED, None, None)
    assert order.stages == {
        "accepted": ACCEPTED_AT,
        "stock-reserved": RESERVED_AT,
        "payment-captured": CAPTURED_AT,
        "confirmed": CONFIRMED_AT,
        "notified": NOTIFIED_AT,
    }
    assert sorted(announcer.stages()) == sorted(HAPPY[1:])
    assert [entry.stage for entry in order.announcement(Stage.NOTIFIED).timeline] == HAPPY


@pytest.mark.parametrize(
    ("kind", "reason"), [("StockRejected", "OUT_OF_STOCK"), ("PaymentDeclined", "PAYMENT_DECLINED")]
)
def test_rejection_names_its_reason(
    reactions: OrderReactions, announcer: FakeAnnouncer, orders: MemoryOrders, kind: str, reason: str
) -> None:
    deliver(reactions, kind)
    (announced,) = announcer.announced
    assert (announced.stage, announced.status, announced.reason) == ("rejected", "REJECTED", reason)
    assert orders.orders["order-1"].stages["rejected"] == CONFIRMED_AT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from(["StockReserved", "PaymentCaptured", "OrderNotified", "PaymentDeclined", "StockRejected"]))
)
def test_final_status_and_first_times_stand(kinds: list[str]) -> None:
    orders = MemoryOrders()
    orders.add(pending())
    reactions = OrderReactions(orders, Outbox(orders, FakeAnnouncer(), FakePublisher()))
    before = orders.orders["order-1"]
    for kind in kinds:
        deliver(reactions, kind)
        after = orders.orders["order-1"]
        assert before.status in (Status.PENDING, after.status)
        assert before.stages.items() <= after.stages.items()
        assert before.reason in (None, after.reason)
        before = after


def test_event_after_another_final_status_announces_nothing(
    reactions: OrderReactions, announcer: FakeAnnouncer
) -> None:
    deliver(reactions, "PaymentDeclined")
    announcer.announced.clear()
    deliver(reactions, "PaymentCaptured")
    assert announcer.announced == []


def test_charge_of_a_rejected_order_goes_back(
    reactions: OrderReactions, orders: MemoryOrders, publisher: FakePublisher
) -> None:
    deliver(reactions, "PaymentDeclined")
    deliver(reactions, "PaymentCaptured")
    assert publisher.published == [(EventType.ORDER_CANCELLED, orders.orders["order-1"].called_off_event())]
    assert orders.orders["order-1"].status is Status.REJECTED


CANCELLATION = Cancellation(id="c", correlation_id="corr-2", at="2026-11-21T10:15:32.500Z")


@pytest.mark.parametrize("mark", ["pending", None])
@pytest.mark.parametrize("kinds", list(itertools.permutations(["StockReserved", "PaymentCaptured", "OrderNotified"])))
def test_what_is_late_for_a_cancelled_order_is_noted_and_changes_nothing_else(
    reactions: OrderReactions,
    orders: MemoryOrders,
    announcer: FakeAnnouncer,
    kinds: tuple[str, ...],
    mark: str | None,
) -> None:
    cancelled = orders.cancel("order-1", "alice", CANCELLATION, ACCEPTED_AT) or pytest.fail("not there")
    if mark is None:
        orders.told(cancelled)
    for kind in kinds:
        deliver(reactions, kind)
    order = orders.orders["order-1"]
    assert (order.status, order.reason, order.outbox) == (Status.CANCELLED, None, mark)
    # The mail in this file's events is about CONFIRMED; a cancelled order notes what it tells all the same.
    assert order.stages["stock-reserved"] == RESERVED_AT
    assert order.stages["payment-captured"] == CAPTURED_AT
    assert {"stock-reserved", "payment-captured", "notified"} <= set(announcer.stages())
    assert {announced.status for announced in announcer.announced} == {"CANCELLED"}


@pytest.mark.parametrize("kind", ["StockRejected", "PaymentDeclined"])
def test_cancelled_order_is_not_rejected_any_more(
    reactions: OrderReactions, orders: MemoryOrders, announcer: FakeAnnouncer, kind: str
) -> None:
    orders.cancel("order-1", "alice", CANCELLATION, ACCEPTED_AT)
    deliver(reactions, kind)
    order = orders.orders["order-1"]
    assert (order.status, order.reason) == (Status.CANCELLED, None)
    assert "rejected" not in order.stages
    assert announcer.announced == []


def test_confirmation_that_was_not_announced_before_the_cancellation_is_announced_after_it(
    reactions: OrderReactions, orders: MemoryOrders, announcer: FakeAnnouncer
) -> None:
    announcer.failures = 1
    with pytest.raises(ConnectionError):
        deliver(reactions, "PaymentCaptured")
    orders.cancel("order-1", "alice", CANCELLATION, ACCEPTED_AT)
    deliver(reactions, "PaymentCaptured")
    assert announcer.stages() == ["payment-captured", "confirmed"]
    assert orders.orders["order-1"].status is Status.CANCELLED


def test_redelivery_after_a_failed_announcement_announces(
    reactions: OrderReactions, announcer: FakeAnnouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcer.failures = 1
    with pytest.raises(ConnectionError):
        deliver(reactions, "PaymentCaptured")
    monkeypatch.setattr(clock, "now", lambda: "2030-01-01T00:00:00.000Z")
    deliver(reactions, "PaymentCaptured")
    assert announcer.stages() == ["payment-captured", "confirmed"]
    assert {announced.at for announced in announcer.announced} == {CAPTURED_AT, CONFIRMED_AT}


@pytest.mark.parametrize("kind", ["StockReserved", "PaymentCaptured", "StockRejected"])
def test_order_that_is_not_there_fails_the_record(outbox: Outbox, kind: str) -> None:
    with pytest.raises(OrderMissingError):
        deliver(OrderReactions(MemoryOrders(), outbox), kind)


def test_sweep_publishes_what_is_due_and_postpones_it(
    orders: MemoryOrders, outbox: Outbox, publisher: FakePublisher, announcer: FakeAnnouncer
) -> None:
    orders.add(pending("due"))
    orders.add(pending("later", due_at="2999-01-01T00:00:00.000Z"))
    assert sweep(orders, outbox.tell, lambda: 5000) == {"due": 1, "published": 1}
    assert [event.data.order_id for _, event in publisher.published] == ["due"]
    assert announcer.stages() == ["accepted"]
    assert orders.orders["due"].attempts == 1
    assert sweep(orders, outbox.tell, lambda: 5000) == {"due": 0, "published": 0}


def test_sweep_leaves_orders_that_an_event_has_freed(reactions: OrderReactions, orders: MemoryOrders) -> None:
    deliver(reactions, "StockReserved")
    assert orders.due("2999-01-01T00:00:00.000Z", 10) == []


@pytest.mark.parametrize("kind", [*EVENTS, "CartCheckedOut"])
def test_event_of_a_later_version_is_handled_the_same(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: CONFIRMED_AT)
    plain = bus_record(kind, EVENTS.get(kind) or order_event("order-2"))
    outcomes = []
    for record in (plain, record_with_unknown_fields(plain)):
        orders, announcer, publisher = MemoryOrders(), FakeAnnouncer(), FakePublisher()
        orders.add(pending())
        outbox = Outbox(orders, announcer, publisher)
        intake = Intake(orders, MemoryPrices(), outbox)
        reactions = {**OrderReactions(orders, outbox).by_type(), EventType.CART_CHECKED_OUT: intake.checked_out}
        on_bus_events(reactions)(SQSRecord(record))
        outcomes.append((orders.orders, announcer.announced, publisher.published))
    assert outcomes[0] == outcomes[1]


def test_queued_order_of_a_later_version_is_taken_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: CONFIRMED_AT)
    body = {"items": [{"productId": "p1", "quantity": 2}], "payment": {"method": "card", "token": "tok_ok"}}
    known = {"orderId": "o", "customerId": "alice", "customerEmail": "a@example.com", "correlationId": "c"}
    outcomes = []
    for sent, attributes in ((body, known), (with_unknown_fields(body), known | {"notInvented": "yet"})):
        orders, announcer, publisher = MemoryOrders(), FakeAnnouncer(), FakePublisher()
        intake = Intake(orders, MemoryPrices(), Outbox(orders, announcer, publisher))
        on_queued_orders(intake.queued)(SQSRecord(sqs_record(json.dumps(sent), **attributes)))
        outcomes.append((orders.orders, announcer.announced, publisher.published))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][2]) == 1
