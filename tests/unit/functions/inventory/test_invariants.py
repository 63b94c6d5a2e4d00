"""Stock adds up, whatever comes, however often, in whatever order, and wherever the function dies."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from common import clock
from common.events import EventType, OrderEvent
from common.outbox import sweep
from inventory.consumer import InventoryReactions
from inventory.domain import State
from inventory.reserving import Reserving
from tests.unit.functions.factories import FakePublisher, lines, order_event
from tests.unit.functions.interleaving import SCHEDULES, side_by_side, step
from tests.unit.functions.inventory.memory import MemoryReservations

PLACED, CAPTURED, DECLINED, CANCELLED = "OrderPlaced", "PaymentCaptured", "PaymentDeclined", "OrderCancelled"
ANSWERS = {"StockReserved", "StockRejected"}
OPEN = {State.RESERVING, State.RESERVED}
OVER = {State.REJECTED, State.RELEASED}
LONG = 10**6
ORDERS = st.lists(st.tuples(st.sampled_from([1, 2, 99, 100]), st.integers(1, 4)), min_size=1, max_size=2)
KINDS = st.sampled_from([PLACED, PLACED, CAPTURED, DECLINED, CANCELLED, "sweep"])
MESSAGES = st.lists(st.tuples(st.integers(0, 1), KINDS), min_size=1, max_size=8)


class Bus(FakePublisher):
    """Others may come, and the function may die, before anything is out."""

    def publish(self, kind: EventType, events: Sequence[OrderEvent]) -> None:
        """See `Publisher`."""
        step()
        super().publish(kind, events)

    def about(self, order_id: str) -> Counter[str]:
        """How often what was said of an order."""
        return Counter(kind.value for kind, event in self.published if event.data.order_id == order_id)

    def texts_about(self, order_id: str) -> set[tuple[str, str]]:
        """What was said of an order, word for word."""
        return {(kind.value, event.to_json()) for kind, event in self.published if event.data.order_id == order_id}


class Clock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.passed = 0

    def now(self) -> str:
        """See `common.clock`."""
        self.passed += 1
        return clock.after("2026-11-21T10:00:00.000Z", self.passed)


@settings(deadline=None)
@given(ORDERS, MESSAGES, SCHEDULES, st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_stock_reservations_and_sales_add_up(
    wanted: list[tuple[int, int]],
    messages: list[tuple[int, str]],
    schedule: list[tuple[int, bool]],
    amounts: list[int],
) -> None:
    scarce = dict(zip(("p0", "p1", "p98", "p99"), amounts, strict=True))
    start = dict.fromkeys((f"p{number}" for number in range(100)), 6) | scarce
    store, bus, time = MemoryReservations(start), Bus(), Clock()
    service = InventoryReactions(Reserving(store, ttl_s=3), bus)
    events = [
        order_event(f"o{number}", items=lines(*((f"p{product}", quantity) for product in range(count))))
        for number, (count, quantity) in enumerate(wanted)
    ]
    messages = [(number % len(events), kind) for number, kind in messages]
    ended: dict[str, State] = {}

    def delivery(number: int, kind: str) -> Callable[[], object]:
        if kind == "sweep":
            return partial(sweep, store, service.not_paid_in_time, lambda: 5000)
        return partial(service.by_type()[kind], events[number])

    def always() -> None:
        held = store.held()
        assert all(amount >= 0 for amount in store.stock.values())
        assert {name: store.stock[name] + held[name] for name in start} == start
        for reservation in store.reservations.values():
            assert (reservation.due_at is not None) == (reservation.state in OPEN)
            over = ended.get(reservation.order_id)
            assert over is None or reservation.state is over
            if reservation.state in OVER:
                assert reservation.held == 0
                ended[reservation.order_id] = reservation.state

    with patch("common.clock.now", time.now):
        side_by_side([delivery(*message) for message in messages], schedule, always)

        for number, event in enumerate(events):
            came = {kind for order, kind in messages if order == number}
            found = store.reservations.get(event.data.order_id)
            said = bus.about(event.data.order_id)
            state = found and found.state
            if came & {DECLINED, CANCELLED}:
                assert state in OVER
            elif PLACED in came:
                assert state in {State.RESERVED, State.REJECTED, State.SOLD}
                assert said["StockRejected" if state is State.REJECTED else "StockReserved"] or state is State.SOLD
                assert state is not State.SOLD or CAPTURED in came
            else:
                assert state is None
            assert not (said["StockReserved"] and said["StockRejected"])
            # A repeat says the same, with the same times.
            texts = {(kind, text) for kind, text in bus.texts_about(event.data.order_id) if kind in ANSWERS}
            assert len(texts) == len(said.keys() & ANSWERS)

        # Whatever died: what is still open is asked for, once a sweep, and nothing else is.
        before, time.passed = len(bus.published), time.passed + LONG
        still_open = [reservation for reservation in store.reservations.values() if reservation.state in OPEN]
        assert sweep(store, service.not_paid_in_time, lambda: 5000)["published"] == len(still_open)
        asked = {(kind.value, event.data.order_id) for kind, event in bus.published[before:]}
        assert asked == {("ReservationExpired", reservation.order_id) for reservation in still_open}
        always()
