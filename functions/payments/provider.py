"""A payment provider that decides by the token, and keeps a ledger as a real one does.

| token | does |
|---|---|
| `tok_ok` | is charged |
| `tok_slow` | is charged after 2 s |
| `tok_flaky` | the first attempt of an order fails, the second is charged |
| `tok_declined`, and any other | is declined |
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from common import clock
from payments.domain import Decision, Outcome, ProviderUnavailableError
from payments.store import Ledger

SLOW_S = 2.0
_CHARGED = frozenset({"tok_ok", "tok_slow", "tok_flaky"})


@dataclass(frozen=True, slots=True)
class SimulatedProvider:
    """A `PaymentProvider`; `sleep` is for tests."""

    ledger: Ledger
    sleep: Callable[[float], None] = time.sleep

    def charge(self, order_id: str, amount_cents: int, token: str) -> Decision:
        """See `PaymentProvider`. What is in the ledger already is answered at once."""
        if (decided := self.ledger.decision(order_id)) is not None:
            return decided
        if token == "tok_slow":
            self.sleep(SLOW_S)
        if token == "tok_flaky" and self.ledger.count_attempt(order_id) == 1:
            raise ProviderUnavailableError("the provider did not answer")
        outcome = Outcome.CHARGE if token in _CHARGED else Outcome.DECLINE
        return self.ledger.decide(order_id, Decision(outcome, amount_cents, clock.now()))
