"""What became of the orders, in numbers and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from loadtests.orders import Order, Status
from loadtests.result import Result

type Fate = Status | Literal["UNKNOWN"]


def fate(order: Order, result: Result) -> Fate:
    """A run that ended early did not wait for its orders, so what it has not heard of need not be lost: UNKNOWN."""
    return "UNKNOWN" if order.status == "LOST" and result.state != "complete" else order.status


def lost(orders: Iterable[Order], result: Result) -> int | None:
    """How many are lost; None where it is unknown of one of them."""
    fates = Counter(fate(order, result) for order in orders)
    return None if fates["UNKNOWN"] else fates["LOST"]


def counts(orders: Iterable[Order], result: Result) -> dict[str, int | None]:
    """Orders by status, and by what else is to be said of them."""
    orders = list(orders)
    statuses = Counter(order.status for order in orders)
    return {
        "accepted": sum(order.accepted for order in orders),
        "confirmed": statuses["CONFIRMED"],
        "rejected": statuses["REJECTED"],
        "cancelled": statuses["CANCELLED"],
        "lost": lost(orders, result),
        "duplicated": sum(order.duplicated for order in orders),
        "late": sum(order.late for order in orders),
        "out_of_order": sum(order.out_of_order for order in orders),
    }
