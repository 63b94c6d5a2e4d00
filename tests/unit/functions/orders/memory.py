"""Orders in memory, with the same conditions as the DynamoDB store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.events import Reason, Stages
from common.outbox import IN_OUTBOX
from common.paging import Rows, rows
from orders.domain import Cancellation, Order, Status
from orders.store import OrderMissingError


@dataclass
class MemoryOrders:
    """`Orders` in a dict."""

    orders: dict[str, Order] = field(default_factory=dict)

    def add(self, order: Order) -> Order | None:
        """See `Orders`."""
        stored = self.orders.setdefault(order.order_id, order)
        return None if stored is order else stored

    def get(self, order_id: str) -> Order | None:
        """See `Orders`."""
        return self.orders.get(order_id)

    def page(self, customer_id: str, limit: int, after: Mapping[str, str] | None) -> Rows:
        """See `Orders`."""
        own = [order for order in self.orders.values() if order.customer_id == customer_id]
        own.sort(key=lambda order: (order.placed_at, order.order_id), reverse=True)
        if after:
            own = [o for o in own if (o.placed_at, o.order_id) < (after["placedAt"], after["orderId"])]
        items = [order.model_dump(mode="json", by_alias=True) for order in own[: limit + 1]]
        return rows(items, more=False, limit=limit, names=("orderId", "placedAt"))

    def note(self, order_id: str, stages: Stages) -> Order:
        """See `Orders`."""
        if order_id not in self.orders:
            raise OrderMissingError(order_id)
        return self._change(order_id, stages={**stages, **self.orders[order_id].stages})

    def advance(self, order_id: str, stages: Stages) -> Order:
        """See `Orders`."""
        order = self.note(order_id, stages)
        if order.status is Status.CANCELLED:
            return order
        return self._change(order_id, outbox=None, due_at=None)

    def finish(self, order_id: str, status: Status, reason: Reason | None, stages: Stages) -> Order:
        """See `Orders`."""
        if order_id not in self.orders:
            raise OrderMissingError(order_id)
        if self.orders[order_id].status not in (Status.PENDING, status):
            return self.orders[order_id]
        order = self.advance(order_id, stages)
        return self._change(order_id, status=status, reason=order.reason or (reason and reason.value))

    def cancel(self, order_id: str, customer_id: str, cancellation: Cancellation, due_at: str) -> Order | None:
        """See `Orders`."""
        order = self.orders.get(order_id)
        if order is None or order.customer_id != customer_id:
            return None
        if order.status not in (Status.PENDING, Status.CONFIRMED):
            return order
        return self._change(
            order_id,
            status=Status.CANCELLED,
            cancellation=cancellation,
            stages={**order.stages, "cancelled": cancellation.at},
            outbox=IN_OUTBOX,
            due_at=due_at,
            attempts=0,
        )

    def told(self, order: Order) -> None:
        """See `Orders`."""
        if self.orders[order.order_id].status is order.status:
            self._change(order.order_id, outbox=None, due_at=None)

    def _change(self, order_id: str, **changes: Any) -> Order:
        self.orders[order_id] = self.orders[order_id].model_copy(update=changes)
        return self.orders[order_id]

    def due(self, now: str, limit: int) -> list[Order]:
        """See `Orders`."""
        waiting = [order for order in self.orders.values() if order.due_at is not None and order.due_at <= now]
        return sorted(waiting, key=lambda order: order.due_at or "")[:limit]

    def postpone(self, record: Order, due_at: str) -> bool:
        """See `Orders`."""
        stored = self.orders[record.order_id]
        if (stored.outbox, stored.due_at) != (IN_OUTBOX, record.due_at):
            return False
        update = {"due_at": due_at, "attempts": record.attempts + 1}
        self.orders[record.order_id] = stored.model_copy(update=update)
        return True


class MemoryPrices:
    """`Prices`: product p1 costs 101 cents, p2 102, and so on up to p200."""

    def __init__(self) -> None:
        self.prices = {f"p{number}": 100 + number for number in range(1, 201)}

    def of(self, product_ids: Sequence[str]) -> Mapping[str, int]:
        """See `Prices`."""
        return {name: self.prices[name] for name in product_ids if name in self.prices}
