"""What payments does when the stock of an order is held.

The provider decides first, once an order; then the outcome is published. When publishing fails the record
comes again: the provider gives the same answer with the same time, and nothing is charged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from common.consumer import Reaction
from common.events import EventType, OrderEvent, Publisher, Reason, Stage
from common.log import logger
from payments.domain import Decision, Outcome, PaymentProvider, ProviderUnavailableError

# At most 1.4 s of waiting: with the slow token's 2 s well inside the function's 10 s.
_retry_provider = retry(
    retry=retry_if_exception_type(ProviderUnavailableError),
    wait=wait_random_exponential(multiplier=0.2, max=1),
    stop=stop_after_attempt(4),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class PaymentReactions:
    """One method for each type of event."""

    provider: PaymentProvider
    publisher: Publisher

    def by_type(self) -> Mapping[str, Reaction]:
        """The reactions by detail-type."""
        return {EventType.STOCK_RESERVED: self.stock_reserved}

    def stock_reserved(self, event: OrderEvent) -> None:
        """Charge the order, publish what came of it. Raises ProviderUnavailableError after four attempts."""
        decision = self._charge(event)
        logger.info("payment decided", outcome=decision.outcome.value, amount_cents=decision.amount_cents)
        if decision.outcome is Outcome.CHARGE:
            captured = event.reached(Stage.PAYMENT_CAPTURED, decision.at)
            self.publisher.publish(EventType.PAYMENT_CAPTURED, [captured])
        else:
            self.publisher.publish(EventType.PAYMENT_DECLINED, [event.because(Reason.PAYMENT_DECLINED)])

    @_retry_provider
    def _charge(self, event: OrderEvent) -> Decision:
        order = event.data
        if order.payment is None:
            raise ValueError("StockReserved came without the order's payment")
        return self.provider.charge(order.order_id, order.total_cents, order.payment.token)
