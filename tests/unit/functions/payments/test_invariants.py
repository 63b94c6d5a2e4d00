"""Money adds up, whatever comes, however often, in whatever order, and wherever the function dies."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from common.events import EventType, OrderEvent
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.domain import Kind
from payments.provider import SimulatedProvider
from tests.unit.functions.factories import FakePublisher, order_event
from tests.unit.functions.interleaving import SCHEDULES, side_by_side, step
from tests.unit.functions.payments.memory import MemoryLedger

RESERVED, CANCELLED, EXPIRED = "StockReserved", "OrderCancelled", "ReservationExpired"
TOKENS = st.sampled_from(["tok_ok", "tok_slow", "tok_flaky", "tok_declined"])
MESSAGES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([RESERVED, RESERVED, CANCELLED, EXPIRED])), min_size=1, max_size=7
)


class Bus(FakePublisher):
    """Others may come, and the function may die, before anything is out."""

    def publish(self, kind: EventType, events: Sequence[OrderEvent]) -> None:
        """See `Publisher`."""
        step()
        super().publish(kind, events)

    def about(self, order_id: str) -> Counter[str]:
        """How often what was said of an order."""
        return Counter(kind.value for kind, event in self.published if event.data.order_id == order_id)


@settings(deadline=None)
@given(st.tuples(TOKENS, TOKENS), MESSAGES, SCHEDULES)
def test_charged_once_or_never_and_refunded_once(
    tokens: tuple[str, str], messages: list[tuple[int, str]], schedule: list[tuple[int, bool]]
) -> None:
    ledger, bus = MemoryLedger(), Bus()
    reactions = PaymentReactions(Charging(SimulatedProvider(ledger, sleep=lambda _: None)), bus).by_type()
    orders = {f"o{number}": order_event(f"o{number}", token=token, total=100) for number, token in enumerate(tokens)}

    def always() -> None:
        for order_id in orders:
            kinds, said = ledger.kinds(order_id), bus.about(order_id)
            assert len(kinds & {Kind.CHARGE, Kind.DECLINE, Kind.VOID}) <= 1
            assert Kind.CHARGE not in kinds or Kind.AUTHORIZATION in kinds
            assert Kind.REFUND not in kinds or Kind.CHARGE in kinds
            assert ledger.balance(order_id) in (0, 100)
            assert not said["PaymentCaptured"] or Kind.CHARGE in kinds
            assert not said["PaymentDeclined"] or kinds & {Kind.DECLINE, Kind.VOID, Kind.REFUND}
            assert not said["PaymentRefunded"] or Kind.REFUND in kinds

    deliveries = [partial(reactions[kind], orders[f"o{number}"]) for number, kind in messages]
    side_by_side(deliveries, schedule, always)

    for number, token in enumerate(tokens):
        order_id = f"o{number}"
        came = {kind for order, kind in messages if order == number}
        kinds, said = ledger.kinds(order_id), bus.about(order_id)
        charged_for_good = ledger.balance(order_id) == 100
        if came == {RESERVED}:
            assert charged_for_good == (token != "tok_declined")
        assert not (charged_for_good and (CANCELLED in came or RESERVED not in came))
        assert bool(said["PaymentRefunded"]) == (Kind.REFUND in kinds)
        # Orders and inventory wait for an answer, unless the order was cancelled.
        if came and CANCELLED not in came:
            assert said.keys() == {"PaymentCaptured" if charged_for_good else "PaymentDeclined"}
        # A repeat says the same, with the same times.
        assert len({event.to_json() for _, event in bus.published if event.data.order_id == order_id}) == len(said)
