"""What inventory says to others."""

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common import clock
from common.consumer import on_bus_events
from common.events import OrderEvent, Stage
from inventory import handler as entry
from inventory.consumer import InventoryReactions
from inventory.domain import Line, Reservation, State
from inventory.reserving import Reserving
from tests.unit.functions.factories import (
    Context,
    FakePublisher,
    bus_record,
    lines,
    order_event,
    record_with_unknown_fields,
    sqs_event,
)
from tests.unit.functions.inventory.memory import MemoryReservations

TTL_S = 900
AT = "2026-11-21T10:15:31.000Z"


def reactions(stock: dict[str, int], publisher: FakePublisher) -> InventoryReactions:
    """The service with this stock."""
    return InventoryReactions(Reserving(MemoryReservations(stock), TTL_S), publisher)


def wanting(quantity: int) -> OrderEvent:
    """An order for p1."""
    return order_event(items=lines(("p1", quantity)))


def test_reserved_order_carries_everything_on() -> None:
    publisher = FakePublisher()
    reactions({"p1": 5}, publisher).order_placed(wanting(2))
    ((kind, event),) = publisher.published
    assert kind == "StockReserved"
    assert event.data == wanting(2).data
    assert list(event.metadata.stages) == ["accepted", "stock-reserved"]
    assert event.metadata.correlation_id == "corr-1"


def test_lack_of_stock_is_the_reason() -> None:
    publisher = FakePublisher()
    reactions({"p1": 1}, publisher).order_placed(wanting(2))
    ((kind, event),) = publisher.published
    assert (kind, event.data.reason) == ("StockRejected", "OUT_OF_STOCK")


@pytest.mark.parametrize("stock", [5, 0])
def test_redelivery_publishes_the_same_again(stock: int) -> None:
    publisher = FakePublisher()
    service = reactions({"p1": stock}, publisher)
    service.order_placed(wanting(2))
    service.order_placed(wanting(2))
    assert publisher.published[0] == publisher.published[1]


def test_failed_publication_is_made_good_by_the_redelivery() -> None:
    publisher = FakePublisher(failures=1)
    service = reactions({"p1": 5}, publisher)
    with pytest.raises(ConnectionError):
        service.order_placed(wanting(2))
    service.order_placed(wanting(2))
    assert publisher.types() == ["StockReserved"]


@pytest.mark.parametrize("kind", ["PaymentDeclined", "OrderCancelled"])
def test_order_that_is_not_bought_says_nothing_and_is_over(kind: str) -> None:
    publisher = FakePublisher()
    service = reactions({"p1": 5}, publisher)
    service.by_type()[kind](wanting(2))
    service.order_placed(wanting(2))
    assert publisher.types() == []


def test_time_of_the_stage_is_that_of_the_reservation() -> None:
    publisher = FakePublisher()
    store = MemoryReservations({"p1": 5})
    store.reservations["order-1"] = Reservation("order-1", State.RESERVED, (Line("p1", 2),), 1, AT)
    InventoryReactions(Reserving(store, TTL_S), publisher).order_placed(wanting(2))
    assert publisher.published[0][1].metadata.stages[Stage.STOCK_RESERVED] == AT


def test_charged_order_is_sold_and_says_nothing_more() -> None:
    publisher = FakePublisher()
    store = MemoryReservations({"p1": 5})
    service = InventoryReactions(Reserving(store, TTL_S), publisher)
    service.order_placed(wanting(2))
    service.payment_captured(wanting(2))
    service.order_placed(wanting(2))
    assert store.held(State.SOLD) == {"p1": 2}
    assert publisher.types() == ["StockReserved"]


def test_expired_reservation_is_asked_for_with_the_whole_order() -> None:
    publisher = FakePublisher()
    store = MemoryReservations({"p1": 5})
    service = InventoryReactions(Reserving(store, TTL_S), publisher)
    service.order_placed(wanting(2))
    service.not_paid_in_time(store.due("9999", 10))
    (_, reserved), (kind, event) = publisher.published
    assert kind == "ReservationExpired"
    assert event == reserved
    assert store.stock == {"p1": 3}


def test_function_is_told_apart_by_the_shape_of_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(entry, "on_record", lambda record: seen.append(record.message_id))
    monkeypatch.setattr(entry, "sweep", lambda *_: seen.append("sweep"))
    record = bus_record("OrderPlaced", wanting(1))
    assert entry.handler(sqs_event(record), Context()) == {"batchItemFailures": []}
    entry.handler({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}, Context())
    assert seen == [record["messageId"], "sweep"]


@pytest.mark.parametrize("kind", ["OrderPlaced", "PaymentCaptured", "PaymentDeclined", "OrderCancelled"])
def test_event_of_a_later_version_is_handled_the_same(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    plain = bus_record(kind, wanting(2))
    outcomes = []
    for record in (plain, record_with_unknown_fields(plain)):
        publisher, store = FakePublisher(), MemoryReservations({"p1": 5})
        service = InventoryReactions(Reserving(store, TTL_S), publisher)
        service.order_placed(wanting(2))
        on_bus_events(service.by_type())(SQSRecord(record))
        outcomes.append((publisher.published, store.stock, store.reservations))
    assert outcomes[0] == outcomes[1]
