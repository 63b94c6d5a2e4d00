"""What became of the orders, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from loadtests.orders import Order
from loadtests.result import Result


def counts(orders: Iterable[Order], result: Result) -> dict[str, int | None]:
    """A run that ended early did not wait for its orders, so what it has not heard of may not be lost: None,
    then.
    """
    orders = list(orders)
    statuses = Counter(order.status for order in orders)
    lost: int | None = statuses["LOST"]
    return {
        "accepted": sum(order.accepted for order in orders),
        "confirmed": statuses["CONFIRMED"],
        "rejected": statuses["REJECTED"],
        "cancelled": statuses["CANCELLED"],
        "lost": None if lost and result.state != "complete" else lost,
        "duplicated": sum(order.duplicated for order in orders),
        "late": sum(order.late for order in orders),
        "out_of_order": sum(order.out_of_order for order in orders),
    }
