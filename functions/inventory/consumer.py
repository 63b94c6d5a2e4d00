"""What inventory does when an order is placed, or turns out not to be paid.

The stock moves first, once; then the outcome is published. When publishing fails the record comes again: the
stock stays as it is, and the same outcome is published with the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.consumer import Reaction
from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from common.log import logger
from inventory.domain import State, lines_of
from inventory.reserving import Reserving


@dataclass(frozen=True, slots=True)
class InventoryReactions:
    """One method for each type of event."""

    reserving: Reserving
    publisher: Publisher

    def by_type(self) -> Mapping[str, Reaction]:
        """The reactions by detail-type."""
        return {
            EventType.ORDER_PLACED: self.order_placed,
            EventType.PAYMENT_DECLINED: self.payment_declined,
        }

    def order_placed(self, event: OrderEvent) -> None:
        """Hold the stock and say so; or say that it is out. A released order is over: nothing is said."""
        reservation = self.reserving.reserve(event.data.order_id, lines_of(event.data))
        logger.info("order placed", reservation=reservation.state.value)
        if reservation.state is State.RESERVED:
            reserved = event.reached(Stage.STOCK_RESERVED, reservation.at)
            self.publisher.publish(EventType.STOCK_RESERVED, [reserved])
        elif reservation.state is State.REJECTED:
            self.publisher.publish(EventType.STOCK_REJECTED, [event.because(Reason.OUT_OF_STOCK)])

    def payment_declined(self, event: OrderEvent) -> None:
        """Give the stock back."""
        reservation = self.reserving.release(event.data.order_id)
        logger.info("payment declined", reservation=reservation.state.value)
