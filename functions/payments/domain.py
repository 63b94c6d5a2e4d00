"""What a payment can come to, without AWS."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """How far the payment of an order is.

        (none) ──► AUTHORIZED ──► CHARGED ──► REFUNDED
          │            └──► VOIDED
          ├──► DECLINED
          └──► VOIDED       voided before anything was asked for: it never will be charged

    DECLINED, VOIDED and REFUNDED are never left: nothing is charged, or it went back. CHARGED is left only by a
    refund.
    """

    AUTHORIZED = "AUTHORIZED"
    CHARGED = "CHARGED"
    DECLINED = "DECLINED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"


class Kind(StrEnum):
    """What an entry in the ledger says."""

    AUTHORIZATION = "authorization"
    CHARGE = "charge"
    DECLINE = "decline"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's ledger. It is never changed and never removed.

    `reference` is what a real gateway calls the payment; None for the simulated one's.
    """

    kind: Kind
    amount_cents: int
    at: str
    reference: str | None = None

    @property
    def slot(self) -> str:
        """What this entry decides. An order has one entry a slot: that is why a charge excludes decline and void."""
        return "outcome" if self.kind in _OUTCOMES else self.kind.value


@dataclass(frozen=True, slots=True)
class Opening:
    """What came first to an order's payment at a gateway: a request with this token or, without one, a bar."""

    amount_cents: int
    at: str
    token: str | None = None


_OUTCOMES = {Kind.CHARGE: Status.CHARGED, Kind.DECLINE: Status.DECLINED, Kind.VOID: Status.VOIDED}


@dataclass(frozen=True, slots=True)
class Payment:
    """An order's payment: its entries, in the order in which they can come, and what a gateway was asked before."""

    authorization: Entry | None = None
    outcome: Entry | None = None
    refund: Entry | None = None
    opening: Opening | None = None

    @property
    def status(self) -> Status | None:
        """What the entries come to; None when there are none."""
        if self.refund is not None:
            return Status.REFUNDED
        if self.outcome is not None:
            return _OUTCOMES[self.outcome.kind]
        return Status.AUTHORIZED if self.authorization is not None else None

    @property
    def moved(self) -> tuple[Entry, ...]:
        """The entries that moved money: charge, refund."""
        return tuple(each for each in (self.outcome, self.refund) if each and each.kind in (Kind.CHARGE, Kind.REFUND))


class ProviderUnavailableError(Exception):
    """The provider did not answer; what was asked for may be done or not; ask again."""


class PaymentProvider(Protocol):
    """What payments needs of whoever moves the money.

    The order is the idempotency key of everything: asked again, the provider does nothing twice and tells what
    stands. Each returns the payment as it is then, and raises ProviderUnavailableError.
    """

    def authorize(self, order_id: str, amount_cents: int, token: str) -> Payment:
        """Ask for the money: AUTHORIZED or DECLINED, or what the payment has come to before."""

    def capture(self, order_id: str, authorization: Entry) -> Payment:
        """Take what is authorized: CHARGED, or VOIDED when that was faster."""

    def void(self, order_id: str, amount_cents: int) -> Payment:
        """Never charge it: VOIDED, or DECLINED; CHARGED or REFUNDED when it comes too late."""

    def refund(self, order_id: str, charge: Entry) -> Payment:
        """Give back what is charged: REFUNDED."""
