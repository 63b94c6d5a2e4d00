"""What a payment can come to, without AWS."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What the provider decided; also the name of the entry in its ledger."""

    CHARGE = "charge"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Decision:
    """The provider's answer, for good: asked again about the same order, it gives the same one."""

    outcome: Outcome
    amount_cents: int
    at: str


class ProviderUnavailableError(Exception):
    """The provider did not decide; nothing was charged; try again."""


class PaymentProvider(Protocol):
    """What payments needs of whoever moves the money."""

    def charge(self, order_id: str, amount_cents: int, token: str) -> Decision:
        """Charge an order. `order_id` is the idempotency key. Raises ProviderUnavailableError."""
