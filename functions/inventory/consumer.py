"""What inventory does when an order is placed, is charged, turns out not to be paid, or is cancelled.

The stock moves first, once; then the outcome is published. When publishing fails the record comes again: the
stock stays as it is, and the same outcome is published with the same time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.consumer import Reaction
from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from common.log import logger
from inventory.domain import Reservation, State
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
            EventType.PAYMENT_CAPTURED: self.payment_captured,
            EventType.PAYMENT_DECLINED: self.not_bought,
            EventType.ORDER_CANCELLED: self.not_bought,
        }

    def order_placed(self, event: OrderEvent) -> None:
        """Hold the stock and say so; or say that it is out. Of a sold or released order nothing is said: it is over."""
        reservation = self.reserving.reserve(event)
        logger.info("order placed", state=reservation.state.value)
        if reservation.state is State.RESERVED:
            reserved = event.reached(Stage.STOCK_RESERVED, reservation.at)
            self.publisher.publish(EventType.STOCK_RESERVED, [reserved])
        elif reservation.state is State.REJECTED:
            self.publisher.publish(EventType.STOCK_REJECTED, [event.because(Reason.OUT_OF_STOCK)])

    def payment_captured(self, event: OrderEvent) -> None:
        """What is held is sold. What was given back (to a cancellation) stays so."""
        reservation = self.reserving.sell(event.data.order_id)
        logger.info("order charged", state=reservation and reservation.state.value)

    def not_bought(self, event: OrderEvent) -> None:
        """Give the stock back, be it held or sold."""
        reservation = self.reserving.release(event.data.order_id)
        logger.info("order keeps no stock", state=reservation.state.value)

    def not_paid_in_time(self, reservations: Sequence[Reservation]) -> None:
        """Ask payments what became of these orders."""
        questions = [reservation.question() for reservation in reservations]
        self.publisher.publish(EventType.RESERVATION_EXPIRED, questions)
