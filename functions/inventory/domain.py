"""The rules of reservations, without AWS."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched

from common.events import OrderData

# DynamoDB takes 100 actions in a transaction, and one of them marks the reservation:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
CHUNK_LINES = 99


class State(StrEnum):
    """What has become of a reservation.

        (none) ──► RESERVING ──► RESERVED ──► RELEASING ──► RELEASED
          │            │                          ▲
          │            ├──────── released ────────┘
          │            └──► REJECTING ──► REJECTED
          ├──► REJECTED    the first chunk lacks stock: nothing to give back
          └──► RELEASED    released before it was reserved: a tombstone, nothing will be reserved

    RESERVING, REJECTING and RELEASING only exist for orders of more than one chunk (over 99 lines), between
    two transactions. RESERVED is left only by a release; REJECTED and RELEASED are never left.
    """

    RESERVING = "RESERVING"
    RESERVED = "RESERVED"
    REJECTING = "REJECTING"
    REJECTED = "REJECTED"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one product."""

    product_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """An order's claim on the stock: the first `held` chunks of `lines` are taken out of it right now."""

    order_id: str
    state: State
    lines: tuple[Line, ...]
    held: int
    at: str

    def chunk(self, index: int) -> tuple[Line, ...]:
        """The lines of chunk `index`. Raises IndexError when there is no such chunk."""
        return chunks(self.lines)[index]

    def took(self, at: str) -> "Reservation":
        """With one more chunk held; RESERVED at `at` when it was the last."""
        held = self.held + 1
        state = State.RESERVED if held == len(chunks(self.lines)) else State.RESERVING
        return Reservation(self.order_id, state, self.lines, held, at)

    def gave_back(self, during: State, finally_: State) -> "Reservation":
        """With one chunk less held; in state `finally_` when it was the last."""
        held = self.held - 1
        return Reservation(self.order_id, during if held else finally_, self.lines, held, self.at)


def chunks(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """`lines` in the portions that one transaction can take."""
    return list(batched(lines, CHUNK_LINES, strict=False))


def lines_of(order: OrderData) -> tuple[Line, ...]:
    """What an order wants."""
    return tuple(Line(line.product_id, line.quantity) for line in order.items)
