"""A payment provider at a real gateway: Stripe's payment intents, captured by hand.

The order's ledger says what the gateway has decided, and nothing else is decided in it: an intent is captured or
cancelled, never both, whoever asks at the same time. What comes twice is the same request to the gateway, with the same
idempotency key; what is in the ledger is not asked for again.

Before the gateway is asked for an intent the ledger says so, with all that the request takes. So a void finds out
whether there may be an intent: where nobody has asked, nobody will (a bar stands in the place of the request); where
somebody has, the void makes the same request again, gets the same intent, and cancels that.

Where the gateway has made two all the same, as it failed when it had made the first, the one that is in the ledger
counts; the other is cancelled when the gateway tells of it.

    nothing ──► asked for ──► authorized ──► charged ──► refunded
       │            ├──► declined    └──► voided
       └──► barred ─┴──► voided

https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
"""

from dataclasses import dataclass, replace
from typing import Protocol

from common import clock
from payments.domain import Entry, Kind, Opening, Payment, ProviderUnavailableError
from payments.store import GatewayLedger

# Stripe's words: https://docs.stripe.com/payments/paymentintents/lifecycle
_DECIDED = {"succeeded": Kind.CHARGE, "canceled": Kind.VOID, "requires_payment_method": Kind.DECLINE}
_AUTHORIZED = frozenset({"requires_capture", "succeeded"})


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment intent as the gateway shows it; `order_id` is what its metadata name, None for nothing."""

    id: str
    status: str
    order_id: str | None = None


class Gateway(Protocol):
    """What the provider needs of the gateway.

    Each raises ProviderUnavailableError when the answer is not known, and GatewayRefusedError for an answer that no
    repetition would change. What has another status already is returned with that.
    """

    def create(self, order_id: str, amount_cents: int, token: str) -> Intent:
        """The order's intent, confirmed with the token's card; declined it is `requires_payment_method`."""

    def capture(self, order_id: str, intent_id: str) -> Intent:
        """Take what is authorized."""

    def cancel(self, order_id: str, intent_id: str) -> Intent:
        """Never charge it."""

    def refund(self, order_id: str, intent_id: str) -> None:
        """Give back all that was captured."""

    def retrieve(self, intent_id: str) -> Intent | None:
        """As it is now; None where the gateway has no such intent."""


@dataclass(frozen=True, slots=True)
class GatewayProvider:
    """A `PaymentProvider`. Entries without a reference are another provider's: there is nothing of them here."""

    ledger: GatewayLedger
    gateway: Gateway

    def authorize(self, order_id: str, amount_cents: int, token: str) -> Payment:
        """See `PaymentProvider`. While the gateway has not decided, the payment has no status; `settle` follows."""
        payment = self.ledger.payment(order_id)
        if payment.status is not None:
            return payment
        opening = self.ledger.open(order_id, Opening(amount_cents, clock.now(), token))
        if opening.token is None:
            return self._enter(payment, order_id, Entry(Kind.VOID, amount_cents, clock.now()))
        return self._ask(order_id, opening, opening.token)[0]

    def capture(self, order_id: str, authorization: Entry) -> Payment:
        """See `PaymentProvider`."""
        payment = Payment(authorization)
        if authorization.reference is None:
            return self._enter(payment, order_id, Entry(Kind.VOID, authorization.amount_cents, clock.now()))
        intent = self.gateway.capture(order_id, authorization.reference)
        return self._decide(payment, order_id, intent, authorization.amount_cents)

    def void(self, order_id: str, amount_cents: int) -> Payment:
        """See `PaymentProvider`."""
        payment = self.ledger.payment(order_id)
        if payment.outcome is not None:
            return payment
        reference = None
        if payment.authorization is not None:
            reference = payment.authorization.reference
        else:
            opening = self.ledger.open(order_id, Opening(amount_cents, clock.now()))
            if opening.token is not None:
                payment, reference = self._ask(order_id, opening, opening.token)
        if payment.outcome is not None:
            return payment
        if reference is None:
            return self._enter(payment, order_id, Entry(Kind.VOID, amount_cents, clock.now()))
        return self._decide(payment, order_id, self.gateway.cancel(order_id, reference), amount_cents)

    def refund(self, order_id: str, charge: Entry) -> Payment:
        """See `PaymentProvider`. It is not dated before the charge, should another machine's clock be ahead."""
        if charge.reference is not None:
            self.gateway.refund(order_id, charge.reference)
        refund = Entry(Kind.REFUND, charge.amount_cents, max(clock.now(), charge.at), charge.reference)
        return Payment(outcome=charge, refund=self.ledger.enter(order_id, refund))

    def settle(self, order_id: str, intent_id: str) -> Payment:
        """Note what has become of the order's intent meanwhile, and let go of one that does not count; anything else
        than the order's changes nothing.
        """
        payment = self.ledger.payment(order_id)
        opening, entry = payment.opening, payment.authorization or payment.outcome
        counts = entry is None or entry.reference == intent_id
        if opening is None or opening.token is None or (counts and payment.outcome is not None):
            return payment
        intent = self.gateway.retrieve(intent_id)
        if intent is None or intent.order_id != order_id:
            return payment
        if counts:
            return self._note(payment, order_id, intent, opening.amount_cents)
        if intent.status == "requires_capture":
            self.gateway.cancel(order_id, intent_id)
        return payment

    def _ask(self, order_id: str, opening: Opening, token: str) -> tuple[Payment, str]:
        """The payment after asking for the intent (again), and the id of the intent that counts."""
        intent = self.gateway.create(order_id, opening.amount_cents, token)
        payment = self._note(Payment(), order_id, intent, opening.amount_cents)
        return payment, (payment.authorization and payment.authorization.reference) or intent.id

    def _note(self, payment: Payment, order_id: str, intent: Intent, amount_cents: int) -> Payment:
        """Enter what the intent says of itself, as far as it goes."""
        if intent.status in _AUTHORIZED and payment.authorization is None:
            entry = Entry(Kind.AUTHORIZATION, amount_cents, clock.now(), intent.id)
            payment = replace(payment, authorization=self.ledger.enter(order_id, entry))
        return self._decide(payment, order_id, intent, amount_cents) if intent.status in _DECIDED else payment

    def _decide(self, payment: Payment, order_id: str, intent: Intent, amount_cents: int) -> Payment:
        if intent.status not in _DECIDED:
            raise ProviderUnavailableError(f"the gateway has not decided yet: the intent is {intent.status}")
        entry = Entry(_DECIDED[intent.status], amount_cents, clock.now(), intent.id or None)
        return self._enter(payment, order_id, entry)

    def _enter(self, payment: Payment, order_id: str, entry: Entry) -> Payment:
        return replace(payment, outcome=self.ledger.enter(order_id, entry))
