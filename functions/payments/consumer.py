"""What payments does when the stock of an order is held, the order is cancelled, or its reservation expires.

The provider decides first, once an order, and its ledger is the only arbiter between charged and not charged;
then the outcome is published. When publishing fails the record comes again: the provider gives the same answer
with the same time, and no money moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.consumer import Reaction
from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from payments.charging import Charging
from payments.domain import Payment, Status


@dataclass(frozen=True, slots=True)
class PaymentReactions:
    """One method for each type of event. Each raises ProviderUnavailableError after four attempts."""

    charging: Charging
    publisher: Publisher

    def by_type(self) -> Mapping[str, Reaction]:
        """The reactions by detail-type."""
        return {
            EventType.STOCK_RESERVED: self.stock_reserved,
            EventType.ORDER_CANCELLED: self.order_cancelled,
            EventType.RESERVATION_EXPIRED: self.reservation_expired,
        }

    def stock_reserved(self, event: OrderEvent) -> None:
        """Charge the order, publish what came of it.

        Nothing is published of what was voided or refunded before: by a cancellation, which orders and inventory
        know of; or by an expiry, whose own delivery publishes PaymentDeclined, and comes again until that is out.
        """
        payment = self.charging.charge(event)
        if payment.status in (Status.CHARGED, Status.DECLINED):
            self._tell(event, payment)

    def order_cancelled(self, event: OrderEvent) -> None:
        """Give back what was charged, and say so; or see to it that it never will be."""
        payment = self.charging.give_back(event)
        if payment.status is Status.REFUNDED:
            self.publisher.publish(EventType.PAYMENT_REFUNDED, [event])

    def reservation_expired(self, event: OrderEvent) -> None:
        """Answer whether the order is charged. If it is not, it never will be. Refunded is as good as never charged:
        whoever asked for the refund may not have come as far as the stock.
        """
        self._tell(event, self.charging.void(event))

    def settled(self, event: OrderEvent, payment: Payment, *, is_pending: bool) -> None:
        """Go on with what a gateway told late of an order: take what is authorized, and publish what came of it.

        An order that waits no longer is not charged any more; nobody waits to hear of it.
        """
        if payment.status is Status.AUTHORIZED:
            payment = self.charging.charge(event) if is_pending else self.charging.give_back(event)
        if is_pending and payment.outcome is not None and payment.status is not Status.REFUNDED:
            self._tell(event, payment)

    def _tell(self, event: OrderEvent, payment: Payment) -> None:
        if payment.status is Status.CHARGED and payment.outcome is not None:
            captured = event.reached(Stage.PAYMENT_CAPTURED, payment.outcome.at)
            self.publisher.publish(EventType.PAYMENT_CAPTURED, [captured])
        else:
            self.publisher.publish(EventType.PAYMENT_DECLINED, [event.because(Reason.PAYMENT_DECLINED)])
