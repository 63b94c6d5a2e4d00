"""Reserving, selling and releasing: small transactions, each moving the reservation one step on.

Every step says from which reservation it starts, and is refused when that is no longer so. So it does not
matter who takes a step, how often, or who died before: a redelivery reads how far it came, and goes on from
there.
"""

from dataclasses import dataclass

from common import clock
from common.events import OrderEvent
from inventory.domain import Reservation, State, lines_of
from inventory.store import OutOfStockError, Reservations, StaleError

# Two chunks forth, two back, and as many steps lost to others, twice over.
_MAX_STEPS = 16


class UnsettledError(Exception):
    """Others kept changing the reservation; the record comes again."""


@dataclass(frozen=True, slots=True)
class Reserving:
    """The three things that can be asked for. All return the reservation as it is at the end.

    `ttl_s`: after so many seconds an open reservation is due to be asked for.
    """

    reservations: Reservations
    ttl_s: float

    def reserve(self, event: OrderEvent) -> Reservation:
        """Hold all lines of the order or none: RESERVED, REJECTED; SOLD, RELEASING or RELEASED if it is so meanwhile.

        Goes on from where an earlier delivery stopped. Raises BusyError or UnsettledError: then come again.
        """
        # The usual case is a new order: try its first step without reading first.
        found: Reservation | None = None
        for _ in range(_MAX_STEPS):
            current = found or self._new(event)
            try:
                if current.state is State.RESERVING:
                    found = self._take_chunk(found, current)
                elif current.state is State.REJECTING:
                    found = self._give_back(current, State.REJECTING, State.REJECTED)
                else:
                    return current
            except StaleError as error:
                found = error.found
        raise UnsettledError(event.data.order_id)

    def sell(self, order_id: str) -> Reservation | None:
        """RESERVED becomes SOLD; any other stays what it is. None when there is none."""
        return self.reservations.sell(order_id)

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

    def _new(self, event: OrderEvent) -> Reservation:
        at = clock.now()
        due_at = clock.after(at, self.ttl_s)
        return Reservation(event.data.order_id, State.RESERVING, lines_of(event.data), 0, at, event, due_at)

    def _take_chunk(self, found: Reservation | None, current: Reservation) -> Reservation:
        taken = current.took(clock.now())
        try:
            self.reservations.take(found, taken, current.chunk(current.held))
        except OutOfStockError:
            if found is None:
                rejected = current.closed(State.REJECTED, held=0)
                self.reservations.create(rejected)
                return rejected
            return self._give_back(found, State.REJECTING, State.REJECTED)
        return taken

    def _give_back(self, found: Reservation, during: State, finally_: State) -> Reservation:
        after = found.gave_back(during, finally_)
        self.reservations.give_back(found, after, found.chunk(after.held))
        return after
