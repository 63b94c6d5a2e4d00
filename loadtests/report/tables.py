"""The two CSV files: one line an order, one line a request, of the measured window."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from loadtests import times
from loadtests.figures.orders import Fate, fate
from loadtests.orders import STAGES, Order
from loadtests.records import Request
from loadtests.result import Result

ORDERS: Final = (
    "correlation_id",
    "order_id",
    "intended_send",
    "sent",
    "answered",
    "http_status",
    *(stage.replace("-", "_") for stage in STAGES),
    "status",
    "duplicated",
    "latency_ms",
)
REQUESTS: Final = (
    "intended_send", "sent", "method", "name", "status", "latency_ms", "service_ms", "failure"
)  # fmt: skip

FUNCTIONS: Final = ("correlation_id", "intended_send", "function", "running_ms")


def write_orders(path: Path, result: Result) -> None:
    """One line an order that was sent; a stage that was not reached, and an id that was not given, stay
    empty. `status` is UNKNOWN for an order that an ended run did not wait for.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(ORDERS)
        rows.writerows(_order(order, fate(order, result)) for order in result.measured_orders)


def write_requests(path: Path, requests: Iterable[Request]) -> None:
    """One line a request; `latency_ms` runs from the intended send, `service_ms` from the real one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(REQUESTS)
        rows.writerows(
            (
                times.render(request.intended),
                times.render(request.sent),
                request.method,
                request.name,
                request.status,
                f"{request.latency_ms:.3f}",
                f"{request.service_ms:.3f}",
                request.failure or "",
            )
            for request in requests
        )


def _order(order: Order, status: Fate) -> list[object]:
    stages = order.stages
    placed = order.placed
    moments = (placed.intended, placed.sent, placed.answered) if placed else ()
    return [
        order.correlation_id,
        order.order_id or "",
        *(times.render(moment) for moment in moments),
        placed.http_status if placed else "",
        *(times.render(stages[stage]) if stage in stages else "" for stage in STAGES),
        status,
        int(order.duplicated),
        "" if (latency_ms := order.latency_ms) is None else f"{latency_ms:.3f}",
    ]
