"""Orders that came to no good end, with examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from loadtests.figures.orders import fate
from loadtests.orders import Order
from loadtests.result import Result

_MOST_ORDERS: Final = 20


@dataclass(frozen=True, slots=True)
class Strays:
    """Orders that share a fate they should not have; `orders` are the first of `count`."""

    title: str
    meaning: str
    count: int
    orders: list[Order]


def strays(result: Result) -> list[Strays]:
    """Groups that have an order. Of an interrupted run no order counts as lost: nobody waited for it."""
    groups: list[tuple[str, str, Callable[[Order], bool]]] = [
        (
            "Lost orders",
            "Accepted, and no final status by the end of the drain.",
            lambda order: fate(order, result) == "LOST",
        ),
        (
            "Duplicated orders",
            "One request became two orders, or one order came to two ends that exclude each other.",
            lambda order: order.duplicated,
        ),
        (
            "Late orders",
            "Decided only after the time in which every order should be.",
            lambda order: order.late,
        ),
        (
            "Orders out of order",
            "A later stage was told with an earlier time than the one before it.",
            lambda order: order.out_of_order,
        ),
        ("Orders not accepted", "The API did not answer with 202.", lambda order: order.status == "NOT_ACCEPTED"),
    ]
    found = []
    for title, meaning, belongs in groups:
        orders = [order for order in result.measured_orders if belongs(order)]
        if orders:
            found.append(Strays(title, meaning, len(orders), orders[:_MOST_ORDERS]))
    return found
