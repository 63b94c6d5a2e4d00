"""What went wrong, with examples: requests that failed, and orders that came to no good end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from loadtests import times
from loadtests.figures.orders import fate
from loadtests.orders import Order
from loadtests.result import Result

_MOST_KINDS: Final = 15
_MOST_ORDERS: Final = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure: the request, what happened, how often, and one of them as an example."""

    request: str
    what: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Strays:
    """Orders that share a fate they should not have; `orders` are the first of `count`."""

    title: str
    meaning: str
    count: int
    orders: list[Order]


def failures(result: Result) -> list[Failure]:
    """The most frequent first, at most fifteen; the example is the first that happened."""
    counts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], str] = {}
    for request in result.measured_requests:
        if request.failure is not None:
            key = (request.key, request.failure)
            counts[key] = counts.get(key, 0) + 1
            examples.setdefault(key, f"{times.render(request.sent)}, after {request.service_ms:,.0f} ms")
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:_MOST_KINDS]
    return [Failure(request, what, count, examples[request, what]) for (request, what), count in ranked]


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
        ("Refused orders", "The API did not answer with 202.", lambda order: order.status == "NOT_ACCEPTED"),
    ]
    found = []
    for title, meaning, belongs in groups:
        orders = [order for order in result.measured_orders if belongs(order)]
        if orders:
            found.append(Strays(title, meaning, len(orders), orders[:_MOST_ORDERS]))
    return found
