"""The steps of inventory in an order's saga: the same three things that its reactions to events ask for."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.events import OrderEvent, Reason, Stage
from common.saga import Outcome, Step
from inventory.domain import State
from inventory.reserving import Reserving


@dataclass(frozen=True, slots=True)
class InventorySteps:
    """One method for each step. The outcome is what the reservation is then; "" when there is none."""

    reserving: Reserving

    def by_name(self) -> Mapping[str, Step]:
        """The steps by the names that the state machine uses."""
        return {"reserve": self.reserve, "sell": self.sell, "release": self.release}

    def reserve(self, order: OrderEvent) -> Outcome:
        """Hold all lines or none. What was sold before is as good as held: the saga goes on from there."""
        reservation = self.reserving.reserve(order)
        if reservation.state in (State.RESERVED, State.SOLD):
            return Outcome(State.RESERVED.value, order.reached(Stage.STOCK_RESERVED, reservation.at))
        if reservation.state is State.REJECTED:
            order = order.because(Reason.OUT_OF_STOCK)
        return Outcome(reservation.state.value, order)

    def sell(self, order: OrderEvent) -> Outcome:
        """What is held is sold."""
        reservation = self.reserving.sell(order.data.order_id)
        return Outcome(reservation.state.value if reservation else "", order)

    def release(self, order: OrderEvent) -> Outcome:
        """Give the stock back, be it held or sold; what never was held never will be."""
        return Outcome(self.reserving.release(order.data.order_id).state.value, order)
