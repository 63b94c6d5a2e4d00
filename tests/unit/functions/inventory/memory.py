"""Reservations and stock in memory, with the same conditions as the DynamoDB ones."""

from collections.abc import Sequence
from dataclasses import replace

from inventory.domain import CHUNK_LINES, Line, Reservation, State
from inventory.store import OutOfStockError, StaleError
from tests.unit.functions.interleaving import step


class MemoryReservations:
    """`Reservations` in dicts; others may come between any two of its operations."""

    def __init__(self, stock: dict[str, int]) -> None:
        self.stock = dict(stock)
        self.reservations: dict[str, Reservation] = {}
        self.writes = 0

    def get(self, order_id: str) -> Reservation | None:
        """See `Reservations`."""
        step()
        return self.reservations.get(order_id)

    def create(self, reservation: Reservation) -> None:
        """See `Reservations`."""
        self._write(None, reservation, {})

    def sell(self, order_id: str) -> Reservation | None:
        """See `Reservations`."""
        step()
        found = self.reservations.get(order_id)
        if found and found.state is State.RESERVED:
            found = self.reservations[order_id] = found.closed(State.SOLD, found.held)
        return found

    def take(self, before: Reservation | None, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`."""
        self._write(before, after, {line.product_id: -line.quantity for line in lines})

    def give_back(self, before: Reservation, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`."""
        self._write(before, after, {line.product_id: line.quantity for line in lines})

    def due(self, now: str, limit: int) -> list[Reservation]:
        """See `Pending`."""
        step()
        open_ = {each.order_id: each.due_at for each in self.reservations.values() if each.due_at}
        due = sorted((due_at, order_id) for order_id, due_at in open_.items() if due_at <= now)
        return [self.reservations[order_id] for _, order_id in due[:limit]]

    def postpone(self, record: Reservation, due_at: str) -> bool:
        """See `Pending`."""
        step()
        found = self.reservations[record.order_id]
        if found.due_at != record.due_at:
            return False
        self.reservations[record.order_id] = replace(found, due_at=due_at, attempts=found.attempts + 1)
        return True

    def held(self, *states: State) -> dict[str, int]:
        """How many of each product reservations hold; only those in `states`, if there are any."""
        held = dict.fromkeys(self.stock, 0)
        for reservation in self.reservations.values():
            for index in range(reservation.held) if not states or reservation.state in states else ():
                for line in reservation.chunk(index):
                    held[line.product_id] += line.quantity
        return held

    def _write(self, before: Reservation | None, after: Reservation, change: dict[str, int]) -> None:
        step()
        assert len(change) <= CHUNK_LINES
        found = self.reservations.get(after.order_id)
        if (found and (found.state, found.held)) != (before and (before.state, before.held)):
            raise StaleError(found)
        if any(self.stock.get(name, 0) + amount < 0 for name, amount in change.items()):
            raise OutOfStockError
        for name, amount in change.items():
            self.stock[name] += amount
        if found and after.due_at:  # a step leaves alone what the sweep writes
            after = replace(after, due_at=found.due_at, attempts=found.attempts)
        self.reservations[after.order_id] = after
        self.writes += 1
