"""What payments does when the stock of an order is held, the order is cancelled, or its reservation expires.

The provider decides first, once an order, and its ledger is the only arbiter between charged and not charged;
then the outcome is published. When publishing fails the record comes again: the provider gives the same answer
with the same time, and no money moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from common.consumer import Reaction
from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from common.log import logger
from payments.domain import Payment, PaymentProvider, ProviderUnavailableError, Status

# At most 1.4 s of waiting: with the slow token's 2 s well inside the function's 10 s. Beyond that, SQS redelivers.
_retry_provider = retry(
    retry=retry_if_exception_type(ProviderUnavailableError),
    wait=wait_random_exponential(multiplier=0.2, max=1),
    stop=stop_after_attempt(4),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class PaymentReactions:
    """One method for each type of event. Each raises ProviderUnavailableError after four attempts."""

    provider: PaymentProvider
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
        payment = self._charge(event)
        _log(payment)
        if payment.status in (Status.CHARGED, Status.DECLINED):
            self._tell(event, payment)

    def order_cancelled(self, event: OrderEvent) -> None:
        """Give back what was charged, and say so; or see to it that it never will be."""
        payment = self._give_back(event)
        _log(payment)
        if payment.status is Status.REFUNDED:
            self.publisher.publish(EventType.PAYMENT_REFUNDED, [event])

    def reservation_expired(self, event: OrderEvent) -> None:
        """Answer whether the order is charged. If it is not, it never will be.

        Nothing is published of what was refunded: the cancellation behind it frees the stock.
        """
        payment = self._void(event)
        _log(payment)
        if payment.status is not Status.REFUNDED:
            self._tell(event, payment)

    def _tell(self, event: OrderEvent, payment: Payment) -> None:
        if payment.status is Status.CHARGED and payment.outcome is not None:
            captured = event.reached(Stage.PAYMENT_CAPTURED, payment.outcome.at)
            self.publisher.publish(EventType.PAYMENT_CAPTURED, [captured])
        else:
            self.publisher.publish(EventType.PAYMENT_DECLINED, [event.because(Reason.PAYMENT_DECLINED)])

    @_retry_provider
    def _charge(self, event: OrderEvent) -> Payment:
        order = event.data
        if order.payment is None:
            raise ValueError("StockReserved came without the order's payment")
        payment = self.provider.authorize(order.order_id, order.total_cents, order.payment.token)
        if payment.authorization is None or payment.status is not Status.AUTHORIZED:
            return payment
        return self.provider.capture(order.order_id, payment.authorization)

    @_retry_provider
    def _void(self, event: OrderEvent) -> Payment:
        return self.provider.void(event.data.order_id, event.data.total_cents)

    @_retry_provider
    def _give_back(self, event: OrderEvent) -> Payment:
        payment = self.provider.void(event.data.order_id, event.data.total_cents)
        if payment.outcome is None or payment.status is not Status.CHARGED:
            return payment
        return self.provider.refund(event.data.order_id, payment.outcome)


def _log(payment: Payment) -> None:
    state = payment.status
    logger.info("payment", state=state and state.value, cents=[entry.amount_cents for entry in payment.moved])
