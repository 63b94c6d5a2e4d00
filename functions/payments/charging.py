"""Charging an order and giving back: what payments asks of the provider, whoever wants it."""

from dataclasses import dataclass

from tenacity import retry, retry_if_exception_type, stop_after_attempt, stop_before_delay, wait_random_exponential

from common.events import OrderEvent
from common.log import logger
from payments.domain import Payment, PaymentProvider, ProviderUnavailableError, Status

# No attempt begins later than this after the first one. An attempt at a gateway has four requests at most (void:
# create, cancel, look; then refund) of 5 s each: 28 s in all, inside the function's 30 s there and, for a webhook,
# which has looked before but need not create, API Gateway's 29 s. Beyond that, SQS redelivers, and Stripe tells again.
_LAST_START_S = 8
_retry_provider = retry(
    retry=retry_if_exception_type(ProviderUnavailableError),
    wait=wait_random_exponential(multiplier=0.2, max=1),
    stop=stop_after_attempt(4) | stop_before_delay(_LAST_START_S),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class Charging:
    """Each returns the payment as it is then, and raises ProviderUnavailableError after four attempts, or 8 s."""

    provider: PaymentProvider

    @_retry_provider
    def charge(self, event: OrderEvent) -> Payment:
        """CHARGED or DECLINED; VOIDED or REFUNDED when that was faster. Raises ValueError without a payment."""
        order = event.data
        if order.payment is None:
            raise ValueError("the order came without its payment")
        payment = self.provider.authorize(order.order_id, order.total_cents, order.payment.token)
        if payment.authorization is not None and payment.status is Status.AUTHORIZED:
            payment = self.provider.capture(order.order_id, payment.authorization)
        return _logged(payment)

    @_retry_provider
    def void(self, event: OrderEvent) -> Payment:
        """See `PaymentProvider.void`."""
        return _logged(self.provider.void(event.data.order_id, event.data.total_cents))

    @_retry_provider
    def give_back(self, event: OrderEvent) -> Payment:
        """REFUNDED where it was charged; else it never will be: VOIDED or DECLINED."""
        payment = self.provider.void(event.data.order_id, event.data.total_cents)
        if payment.outcome is not None and payment.status is Status.CHARGED:
            payment = self.provider.refund(event.data.order_id, payment.outcome)
        return _logged(payment)


def _logged(payment: Payment) -> Payment:
    state = payment.status
    logger.info("payment", state=state and state.value, cents=[entry.amount_cents for entry in payment.moved])
    return payment
