"""Reserving and releasing: small transactions, each moving the reservation one step on.

Every step says from which reservation it starts, and is refused when that is no longer so. So it does not
matter who takes a step, how often, or who died before: a redelivery reads how far it came, and goes on from
there.
"""

from dataclasses import dataclass

from common import clock
from inventory.domain import Line, Reservation, State
from inventory.store import OutOfStockError, Reservations, StaleError

# Two chunks forth, two back, and as many steps lost to others, twice over.
_MAX_STEPS = 16


class UnsettledError(Exception):
    """Others kept changing the reservation; the record comes again."""


@dataclass(frozen=True, slots=True)
class Reserving:
    """The two things that can be asked for. Both return the reservation as it is at the end."""

    reservations: Reservations

    def reserve(self, order_id: str, lines: tuple[Line, ...]) -> Reservation:
        """Hold all `lines` or none: RESERVED, REJECTED, or (released meanwhile) RELEASING or RELEASED.

        Goes on from where an earlier delivery stopped. Raises BusyError or UnsettledError: then come again.
        """
        # The usual case is a new order: try its first step without reading first.
        found: Reservation | None = None
        for _ in range(_MAX_STEPS):
            current = found or Reservation(order_id, State.RESERVING, lines, 0, clock.now())
            try:
                if current.state is State.RESERVING:
                    found = self._take_chunk(found, current)
                elif current.state is State.REJECTING:
                    found = self._give_back(current, State.REJECTING, State.REJECTED)
                else:
                    return current
            except StaleError as error:
                found = error.found
        raise UnsettledError(order_id)

    def release(self, order_id: str) -> Reservation:
        """Give back whatever is held; returns a reservation RELEASED, or REJECTED (which holds nothing).

        What was never reserved never will be. Raises BusyError or UnsettledError: then come again.
        """
        found = self.reservations.get(order_id)
        for _ in range(_MAX_STEPS):
            try:
                if found is None:
                    tombstone = Reservation(order_id, State.RELEASED, (), 0, clock.now())
                    self.reservations.create(tombstone)
                    return tombstone
                if found.state in (State.RELEASED, State.REJECTED):
                    return found
                during, finally_ = (
                    (State.REJECTING, State.REJECTED)
                    if found.state is State.REJECTING
                    else (State.RELEASING, State.RELEASED)
                )
                found = self._give_back(found, during, finally_)
            except StaleError as error:
                found = error.found
        raise UnsettledError(order_id)

    def _take_chunk(self, found: Reservation | None, current: Reservation) -> Reservation:
        taken = current.took(clock.now())
        try:
            self.reservations.take(found, taken, current.chunk(current.held))
        except OutOfStockError:
            if found is None:
                rejected = Reservation(current.order_id, State.REJECTED, current.lines, 0, current.at)
                self.reservations.create(rejected)
                return rejected
            return self._give_back(found, State.REJECTING, State.REJECTED)
        return taken

    def _give_back(self, found: Reservation, during: State, finally_: State) -> Reservation:
        after = found.gave_back(during, finally_)
        self.reservations.give_back(found, after, found.chunk(after.held))
        return after
