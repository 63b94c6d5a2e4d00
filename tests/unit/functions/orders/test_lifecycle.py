"""An order between its customer and the other services: any interleaving, repetition, reordering, loss and crash.

The machine is the world around one order: what the others have said lies in a pool for ever, so that it comes in any
order and any number of times. Only the order's own service is real. Whatever happens, its rules hold; and when all has
calmed down and the sweep has come by, the order is decided and everybody knows.
"""

from contextlib import nullcontext, suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from common.auth import Principal
from common.errors import ApiError, NotFoundError
from common.events import EventType, OrderAnnouncement, OrderEvent, Reason, Stage
from orders.cancelling import cancel
from orders.consumer import OrderReactions
from orders.domain import NotCancellableError, Order, Status
from orders.intake import Intake
from orders.outbox import Outbox
from tests.unit.functions.factories import ALICE, BOB, FakeAnnouncer, FakePublisher, order_event
from tests.unit.functions.orders.memory import MemoryOrders, MemoryPrices

CANCELLED_AT = "2026-11-21T10:17:30.000Z"
FAR = "2999-01-01T00:00:00.000Z"
LEGAL = {
    (Status.PENDING, Status.CONFIRMED),
    (Status.PENDING, Status.REJECTED),
    (Status.PENDING, Status.CANCELLED),
    (Status.CONFIRMED, Status.CANCELLED),
}

CHECKED_OUT = order_event()
RESERVED = (EventType.STOCK_RESERVED, CHECKED_OUT.reached(Stage.STOCK_RESERVED, "2026-11-21T10:16:00.000Z"))
CAPTURED = RESERVED[1].reached(Stage.PAYMENT_CAPTURED, "2026-11-21T10:17:00.000Z")
FATES = {
    EventType.PAYMENT_CAPTURED: [RESERVED, (EventType.PAYMENT_CAPTURED, CAPTURED)],
    EventType.PAYMENT_DECLINED: [
        RESERVED,
        (EventType.PAYMENT_DECLINED, RESERVED[1].because(Reason.PAYMENT_DECLINED)),
    ],
    EventType.STOCK_REJECTED: [(EventType.STOCK_REJECTED, CHECKED_OUT.because(Reason.OUT_OF_STOCK))],
}


def notified(announcement: OrderAnnouncement) -> OrderEvent:
    """What notifications says when the mail about `announcement` is out."""
    stages = {entry.stage: entry.at for entry in announcement.timeline}
    metadata = CHECKED_OUT.metadata.model_copy(update={"stages": stages})
    event = CHECKED_OUT.model_copy(update={"metadata": metadata})
    return event.reached(Stage.NOTIFIED, "2026-11-21T10:18:00.000Z")


class Lifecycle(RuleBasedStateMachine):
    """One order, `order-1`, that comes from a cart."""

    def __init__(self) -> None:
        super().__init__()
        self.orders = MemoryOrders()
        self.announcer = FakeAnnouncer()
        self.publisher = FakePublisher()
        self.outbox = Outbox(self.orders, self.announcer, self.publisher)
        self.intake = Intake(self.orders, MemoryPrices(), self.outbox)
        self.reactions = {
            **OrderReactions(self.orders, self.outbox).by_type(),
            EventType.CART_CHECKED_OUT: self.intake.checked_out,
        }
        self.fate = EventType.PAYMENT_CAPTURED
        self.cancels = 0
        self.last: Order | None = None

    @initialize(fate=st.sampled_from(list(FATES)), topic_fails=st.booleans(), bus_fails=st.booleans())
    def cart_is_checked_out(self, fate: EventType, topic_fails: bool, bus_fails: bool) -> None:
        """The others are consistent, whatever they are asked twice: what they will say is settled."""
        self.fate = fate
        self.react(EventType.CART_CHECKED_OUT, CHECKED_OUT, topic_fails, bus_fails)

    @property
    def order(self) -> Order:
        """The order as it is stored."""
        return self.orders.orders["order-1"]

    def pool(self) -> list[tuple[EventType, OrderEvent]]:
        """All that the others can have said by now. They may not know yet that the order is cancelled."""
        said = [(EventType.CART_CHECKED_OUT, CHECKED_OUT)]
        if EventType.ORDER_PLACED in self.publisher.types():
            said += FATES[self.fate]
        decided = [each for each in self.announcer.announced if each.stage in ("confirmed", "rejected", "cancelled")]
        return said + [(EventType.ORDER_NOTIFIED, notified(announcement)) for announcement in decided]

    def react(self, kind: EventType, event: OrderEvent, topic_fails: bool, bus_fails: bool) -> None:
        """What orders does about an event; if that fails it stays in the queue, as everything does here."""
        self.announcer.failures, self.publisher.failures = int(topic_fails), int(bus_fails)
        with suppress(ConnectionError):
            self.reactions[kind](event)
        self.announcer.failures = self.publisher.failures = 0

    @rule(data=st.data(), topic_fails=st.booleans(), bus_fails=st.booleans())
    def something_arrives(self, data: st.DataObject, topic_fails: bool, bus_fails: bool) -> None:
        """Maybe again, maybe late, maybe while a way out is down."""
        kind, event = data.draw(st.sampled_from(self.pool()))
        self.react(kind, event, topic_fails, bus_fails)

    @rule(who=st.sampled_from([ALICE, ALICE, BOB]), topic_fails=st.booleans(), bus_fails=st.booleans())
    def somebody_cancels(self, who: Principal, topic_fails: bool, bus_fails: bool) -> None:
        """Its customer can, once, unless it is rejected."""
        expected: type[ApiError] | None = None
        if who is BOB:
            expected = NotFoundError
        elif self.order.status in (Status.REJECTED, Status.CANCELLED):
            expected = NotCancellableError
        else:
            self.cancels += 1
        self.announcer.failures, self.publisher.failures = int(topic_fails), int(bus_fails)
        with pytest.raises(expected) if expected else nullcontext():
            cancel(self.orders, self.outbox, "order-1", who, "cancel", CANCELLED_AT)
        self.announcer.failures = self.publisher.failures = 0

    @rule(bus_fails=st.booleans())
    def sweep_comes_by(self, bus_fails: bool) -> None:
        """Everything is due, long after."""
        self.publisher.failures = int(bus_fails)
        with suppress(ConnectionError) if bus_fails else nullcontext():
            self.outbox.tell(self.orders.due(FAR, 10))
        self.publisher.failures = 0

    @invariant()
    def status_moves_as_drawn(self) -> None:
        """And what was once noted stands."""
        last, self.last = self.last, self.orders.get("order-1")
        if last is None or self.last is None:
            return
        order = self.last
        assert last.status is order.status or (last.status, order.status) in LEGAL
        assert last.stages.items() <= order.stages.items()
        assert last.reason in (None, order.reason)
        decided = {"confirmed", "rejected", "cancelled"} & order.stages.keys()
        assert decided in (set(), {"confirmed"}, {"rejected"}, {"cancelled"}, {"confirmed", "cancelled"})
        assert ("cancelled" in decided, self.cancels) == ((True, 1) if order.status is Status.CANCELLED else (False, 0))

    @invariant()
    def outbox_is_left_only_when_told(self) -> None:
        """OrderPlaced, or OrderCancelled which takes its place; and the announcements before."""
        order = self.orders.get("order-1")
        if order is None or order.outbox is not None:
            return
        cancelled = order.status is Status.CANCELLED
        assert ("OrderCancelled" if cancelled else "OrderPlaced") in self.publisher.types()
        assert {"accepted", *(["cancelled"] if cancelled else [])} <= set(self.announcer.stages())

    def teardown(self) -> None:
        """It calms down: all ways are open, the sweep comes by, and every record has its redelivery."""
        if self.orders.orders:
            self.outbox.tell(self.orders.due(FAR, 10))
            for kind, event in self.pool():
                self.reactions[kind](event)
            for kind, event in self.pool():  # the mails about what has been announced only now
                self.reactions[kind](event)
            self.status_moves_as_drawn()
            assert self.order.status is not Status.PENDING
            assert self.order.outbox is None
            assert self.order.stages.keys() <= set(self.announcer.stages())
        super().teardown()


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(stateful_step_count=12, deadline=None)
