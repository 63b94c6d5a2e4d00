"""The rules of reservations, without AWS."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import batched

from common.events import OrderData, OrderEvent, Stage

# DynamoDB takes 100 actions in a transaction, and one of them marks the reservation:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
CHUNK_LINES = 99


class State(StrEnum):
    """What has become of a reservation.

        (none) ──► RESERVING ──► RESERVED ──► SOLD
          │            │             │          │
          │            ├── released ─┴──────────┴──► RELEASING ──► RELEASED
          │            └──► REJECTING ──► REJECTED
          ├──► REJECTED    the first chunk lacks stock: nothing to give back
          └──► RELEASED    released before it was reserved: a tombstone, nothing will be reserved

    RESERVING, REJECTING and RELEASING only exist for orders of more than one chunk (over 99 lines), between
    two transactions. RESERVED becomes SOLD when the order is charged; both are left only by a release: what is declined
    or cancelled. REJECTED and RELEASED are never left.

    RESERVING and RESERVED are open: should they stay so, a sweep asks payments what became of the order. The
    expiry itself changes nothing: it is payments' answer that sells or releases.
    """

    RESERVING = "RESERVING"
    RESERVED = "RESERVED"
    SOLD = "SOLD"
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
    """An order's claim on the stock: the first `held` chunks of `lines` are taken out of it right now.

    While it is open it has the `event` that it answers, and `due_at`, when to ask payments for the order
    (`attempts` counts how often that was done): what `common.outbox` needs of a record.
    """

    order_id: str
    state: State
    lines: tuple[Line, ...]
    held: int
    at: str
    event: OrderEvent | None = None
    due_at: str | None = None
    attempts: int = 0

    @property
    def correlation_id(self) -> str:
        """The request that it comes from; "" when it is not open any more."""
        return self.event.metadata.correlation_id if self.event else ""

    def chunk(self, index: int) -> tuple[Line, ...]:
        """The lines of chunk `index`. Raises IndexError when there is no such chunk."""
        return chunks(self.lines)[index]

    def took(self, at: str) -> "Reservation":
        """With one more chunk held; RESERVED at `at` when it was the last."""
        held = self.held + 1
        state = State.RESERVED if held == len(chunks(self.lines)) else State.RESERVING
        return replace(self, state=state, held=held, at=at)

    def gave_back(self, during: State, finally_: State) -> "Reservation":
        """With one chunk less held; in state `finally_` when it was the last."""
        held = self.held - 1
        return self.closed(during if held else finally_, held)

    def closed(self, state: State, held: int) -> "Reservation":
        """In a state that is not open, with so many chunks held."""
        return Reservation(self.order_id, state, self.lines, held, self.at)

    def question(self) -> OrderEvent:
        """What to ask payments. Raises ValueError when there is nothing to ask, for it is not open."""
        if self.event is None:
            raise ValueError(f"the reservation of {self.order_id} is {self.state.value}")
        return self.event.reached(Stage.STOCK_RESERVED, self.at) if self.state is State.RESERVED else self.event


def chunks(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """`lines` in the portions that one transaction can take."""
    return list(batched(lines, CHUNK_LINES, strict=False))


def lines_of(order: OrderData) -> tuple[Line, ...]:
    """What an order wants."""
    return tuple(Line(line.product_id, line.quantity) for line in order.items)
