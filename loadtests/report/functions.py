"""`functions.csv`: how long each function ran for each order, on the order's way to its last stage."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from loadtests import times
from loadtests.hops import split
from loadtests.orders import Order
from loadtests.report.tables import FUNCTIONS
from loadtests.result import Result


def write(path: Path, result: Result) -> None:
    """One line an order and function; none of orders whose way is not known in all its hops."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(FUNCTIONS)
        for order in result.measured_orders:
            rows.writerows(_rows(order, result))


def _rows(order: Order, result: Result) -> Iterator[tuple[str, str, str, str]]:
    spent: dict[str, float] = defaultdict(float)
    for hop in split(order, result.inits_ms or {}):
        if hop.parts is None:
            return
        for function, ms in hop.running.items():
            spent[function] += ms
    if order.placed is not None:
        for function, ms in spent.items():
            yield order.correlation_id, times.render(order.placed.intended), function, f"{ms:.3f}"
