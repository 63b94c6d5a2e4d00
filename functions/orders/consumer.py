"""What orders does when the other services report.

Every reaction writes first, conditionally, and announces then. When announcing fails the record comes again:
the write finds everything done, and the announcement is made again from what is stored, with the same times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common import clock
from common.consumer import Reaction
from common.events import EventType, OrderEvent, Reason, Stage
from common.log import logger
from orders.domain import Order, Status
from orders.outbox import Outbox
from orders.store import Orders


@dataclass(frozen=True, slots=True)
class OrderReactions:
    """One method for each type of event."""

    orders: Orders
    outbox: Outbox

    def by_type(self) -> Mapping[str, Reaction]:
        """The reactions by detail-type."""
        return {
            EventType.STOCK_RESERVED: self.stock_reserved,
            EventType.STOCK_REJECTED: self.stock_rejected,
            EventType.PAYMENT_CAPTURED: self.payment_captured,
            EventType.PAYMENT_DECLINED: self.payment_declined,
            EventType.ORDER_NOTIFIED: self.order_notified,
        }

    def stock_reserved(self, event: OrderEvent) -> Order:
        """Note the stage."""
        order = self.orders.advance(event.data.order_id, event.metadata.stages)
        self.outbox.reached(order, Stage.STOCK_RESERVED)
        return order

    def order_notified(self, event: OrderEvent) -> None:
        """Note the stage. Mails follow the topic: this says nothing of what is out on the bus."""
        order = self.orders.note(event.data.order_id, event.metadata.stages)
        self.outbox.reached(order, Stage.NOTIFIED)

    def payment_captured(self, event: OrderEvent) -> None:
        """Confirm the order. One that is rejected already is given back: its saga failed before it could do so."""
        order = self.confirm(event)
        if order.status is Status.REJECTED:
            self.outbox.give_back(order)

    def confirm(self, event: OrderEvent) -> Order:
        """The order is charged: CONFIRMED, unless it has another final status."""
        return self._finish(event, Status.CONFIRMED, None, Stage.PAYMENT_CAPTURED, Stage.CONFIRMED)

    def stock_rejected(self, event: OrderEvent) -> Order:
        """Reject the order."""
        return self._finish(event, Status.REJECTED, Reason.OUT_OF_STOCK, Stage.REJECTED)

    def payment_declined(self, event: OrderEvent) -> Order:
        """Reject the order."""
        return self._finish(event, Status.REJECTED, Reason.PAYMENT_DECLINED, Stage.REJECTED)

    def _finish(self, event: OrderEvent, status: Status, reason: Reason | None, *stages: Stage) -> Order:
        """Announce `stages`: the last one is reached now, the event brings the times of those before. Returns the order
        as it is then.
        """
        times = {**event.metadata.stages, stages[-1].value: clock.now()}
        order = self.orders.finish(event.data.order_id, status, reason, times)
        if order.status is status:
            logger.info("order finished", status=status.value)
            self.outbox.reached(order, *stages)
        elif order.status is Status.CANCELLED:
            self._late(event, stages)
        else:
            logger.warning("the order has another final status; the event changes nothing", wanted=status.value)
        return order

    def _late(self, event: OrderEvent, stages: tuple[Stage, ...]) -> None:
        """The order was cancelled meanwhile: note what has happened all the same, and announce of it what is so.

        That is more than the event brings when the function died before it announced CONFIRMED, and the cancellation
        came before the redelivery.
        """
        order = self.orders.note(event.data.order_id, event.metadata.stages)
        logger.info("the order is cancelled; noted")
        self.outbox.reached(order, *(stage for stage in stages if stage.value in order.stages))
