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
from orders.domain import Status
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

    def stock_reserved(self, event: OrderEvent) -> None:
        """Note the stage."""
        self._advance(event, Stage.STOCK_RESERVED)

    def order_notified(self, event: OrderEvent) -> None:
        """Note the stage."""
        self._advance(event, Stage.NOTIFIED)

    def payment_captured(self, event: OrderEvent) -> None:
        """Confirm the order."""
        self._finish(event, Status.CONFIRMED, None, Stage.PAYMENT_CAPTURED, Stage.CONFIRMED)

    def stock_rejected(self, event: OrderEvent) -> None:
        """Reject the order."""
        self._finish(event, Status.REJECTED, Reason.OUT_OF_STOCK, Stage.REJECTED)

    def payment_declined(self, event: OrderEvent) -> None:
        """Reject the order."""
        self._finish(event, Status.REJECTED, Reason.PAYMENT_DECLINED, Stage.REJECTED)

    def _advance(self, event: OrderEvent, stage: Stage) -> None:
        order = self.orders.advance(event.data.order_id, event.metadata.stages)
        self.outbox.reached(order, stage)

    def _finish(self, event: OrderEvent, status: Status, reason: Reason | None, *stages: Stage) -> None:
        """Announce `stages`: the last one is reached now, the event brings the times of those before."""
        times = {**event.metadata.stages, stages[-1].value: clock.now()}
        order = self.orders.finish(event.data.order_id, status, reason, times)
        if order is None:
            logger.warning("the order has another final status; the event changes nothing", wanted=status.value)
            return
        logger.info("order finished", status=status.value)
        self.outbox.reached(order, *stages)
