"""A payment provider that decides by the token, and keeps a ledger as a real one does.

| token | does |
|---|---|
| `tok_ok` | is authorized |
| `tok_slow` | is authorized after 2 s |
| `tok_flaky` | the first attempt of an order fails, the second is authorized |
| `tok_declined`, and any other | is declined |
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from common import clock
from payments.domain import Entry, Kind, Payment, ProviderUnavailableError
from payments.store import Ledger

SLOW_S = 2.0
_GOOD = frozenset({"tok_ok", "tok_slow", "tok_flaky"})


class OtherProviderError(Exception):
    """A real gateway holds or has the money; the event is a dead letter until PAYMENT_PROVIDER is what it was."""


@dataclass(frozen=True, slots=True)
class SimulatedProvider:
    """A `PaymentProvider`; `sleep` is for tests.

    Each step enters what follows from entries that are there. These cannot have changed when it does so, and the
    ledger takes one entry a slot: so steps may run side by side, stop anywhere and come again.
    """

    ledger: Ledger
    sleep: Callable[[float], None] = time.sleep

    def authorize(self, order_id: str, amount_cents: int, token: str) -> Payment:
        """See `PaymentProvider`. What is in the ledger already is answered at once."""
        payment = self.ledger.payment(order_id)
        if payment.status is not None:
            return payment
        _refuse_opened(payment)
        if token == "tok_slow":
            self.sleep(SLOW_S)
        if token == "tok_flaky" and self.ledger.count_attempt(order_id) == 1:
            raise ProviderUnavailableError("the provider did not answer")
        if token in _GOOD:
            entry = self.ledger.enter(order_id, Entry(Kind.AUTHORIZATION, amount_cents, clock.now()))
            return Payment(authorization=entry)
        return self._decide(payment, order_id, Kind.DECLINE, amount_cents)

    def capture(self, order_id: str, authorization: Entry) -> Payment:
        """See `PaymentProvider`."""
        _refuse_foreign(authorization)
        return self._decide(Payment(authorization), order_id, Kind.CHARGE, authorization.amount_cents)

    def void(self, order_id: str, amount_cents: int) -> Payment:
        """See `PaymentProvider`."""
        payment = self.ledger.payment(order_id)
        if payment.outcome is not None:
            return payment
        _refuse_foreign(payment.authorization)
        _refuse_opened(payment)
        return self._decide(payment, order_id, Kind.VOID, amount_cents)

    def refund(self, order_id: str, charge: Entry) -> Payment:
        """See `PaymentProvider`. It is not dated before the charge, should another machine's clock be ahead."""
        _refuse_foreign(charge)
        refund = Entry(Kind.REFUND, charge.amount_cents, max(clock.now(), charge.at))
        return Payment(outcome=charge, refund=self.ledger.enter(order_id, refund))

    def _decide(self, payment: Payment, order_id: str, kind: Kind, amount_cents: int) -> Payment:
        return replace(payment, outcome=self.ledger.enter(order_id, Entry(kind, amount_cents, clock.now())))


def _refuse_foreign(entry: Entry | None) -> None:
    if entry is not None and entry.reference is not None:
        raise OtherProviderError(f"the {entry.kind} is a real gateway's, which has to move the money")


def _refuse_opened(payment: Payment) -> None:
    """A gateway that was asked may hold the money, though the ledger has no entry of it."""
    if payment.opening is not None and payment.opening.token is not None:
        raise OtherProviderError("a real gateway was asked for the money, and has to say what became of it")
