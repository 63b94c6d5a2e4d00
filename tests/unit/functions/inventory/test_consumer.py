"""What inventory says to others."""

import pytest

from common.events import OrderEvent, Stage
from inventory.consumer import InventoryReactions
from inventory.domain import Line, Reservation, State
from inventory.reserving import Reserving
from tests.unit.functions.factories import FakePublisher, lines, order_event
from tests.unit.functions.inventory.test_reserving import MemoryReservations

AT = "2026-11-21T10:15:31.000Z"


def reactions(stock: dict[str, int], publisher: FakePublisher) -> InventoryReactions:
    """The service with this stock."""
    return InventoryReactions(Reserving(MemoryReservations(stock)), publisher)


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


def test_declined_payment_says_nothing_and_ends_the_order() -> None:
    publisher = FakePublisher()
    service = reactions({"p1": 5}, publisher)
    service.payment_declined(wanting(2))
    service.order_placed(wanting(2))
    assert publisher.types() == []


def test_time_of_the_stage_is_that_of_the_reservation() -> None:
    publisher = FakePublisher()
    store = MemoryReservations({"p1": 5})
    store.reservations["order-1"] = Reservation("order-1", State.RESERVED, (Line("p1", 2),), 1, AT)
    InventoryReactions(Reserving(store), publisher).order_placed(wanting(2))
    assert publisher.published[0][1].metadata.stages[Stage.STOCK_RESERVED] == AT
