"""What is compared: a few figures of each run's summary, and over the rounds their median and range."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any, Final, NamedTuple

from loadtests import arrival_request

type Summary = Mapping[str, Any]

ENOUGH_ROUNDS: Final = 4
"""Of equal cells with two rounds, one figure in 3 lies apart by chance; with three, one in 10; with four, one in 35."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`read` takes it from a summary; None where that has none, or is of a load that has none."""

    key: str
    words: str
    read: Callable[[Summary], float | None]


class Range(NamedTuple):
    """Of the rounds: of two the median is the mean."""

    median: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Rounded to what matters."""
        return {name: float(f"{value:.6g}") for name, value in self._asdict().items()}


class Change(NamedTuple):
    """Against the first cell: `ratio` of the medians, None beside 0; `apart`: no round of either lies within the
    other's range, None where one of them had fewer rounds than `ENOUGH_ROUNDS`.
    """

    ratio: float | None
    apart: bool | None


def over(values: Iterable[float | None]) -> Range | None:
    """The range of those that there are; None without any."""
    known = [value for value in values if value is not None]
    return Range(statistics.median(known), min(known), max(known)) if known else None


def change(first: Range | None, other: Range | None, rounds: int) -> Change | None:
    """How the other differs from the first; None where one of them is not known. `rounds`: the fewest of either."""
    if first is None or other is None:
        return None
    apart = first.high < other.low or other.high < first.low
    return Change(other.median / first.median if first.median else None, apart if rounds >= ENOUGH_ROUNDS else None)


def chance_of_apart(rounds: int) -> int | None:
    """In one of so many comparisons two equal cells lie apart by chance: of all ways to deal 2n values to two cells,
    two have one cell's all above the other's. None for fewer rounds than `ENOUGH_ROUNDS`.
    """
    return comb(2 * rounds, rounds) // 2 if rounds >= ENOUGH_ROUNDS else None


def _of_orders(percentile: str) -> Callable[[Summary], float | None]:
    return lambda summary: _number(summary["async"]["order"].get(percentile))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _of_request(percentile: str) -> Callable[[Summary], float | None]:
    def read(summary: Summary) -> float | None:
        name = request(summary)
        return _number(summary["sync"][name].get(percentile)) if name else None

    return read


def request(summary: Summary) -> str | None:
    """The request that an arrival stands for; None where none was answered."""
    return arrival_request.name(summary["sync"])


def _done_per_s(summary: Summary) -> float | None:
    """Orders decided a second, or requests answered where there are none; with users, who have no schedule, orders."""
    rows = summary["scaling"] or ()
    seconds = sum(row["to_s"] - row["from_s"] for row in rows)
    if seconds:
        return _number(sum(row["throughput_per_s"] * (row["to_s"] - row["from_s"]) for row in rows) / seconds)
    orders = summary["orders"]
    done = float(orders["confirmed"] + orders["rejected"])
    return done / summary["duration_s"] if summary["duration_s"] else None


def _sustained_per_s(summary: Summary) -> float | None:
    return _number((summary.get("breakpoint") or {}).get("rate_per_s"))


def _invocations_per_order(summary: Summary) -> float | None:
    functions, accepted = summary["functions"], summary["orders"]["accepted"]
    if not functions or not accepted:
        return None
    return _number(sum(function["invocations"] or 0 for function in functions.values()) / accepted)


def _cpu_ms_per_order(summary: Summary) -> float | None:
    """Of the stack: what the harness itself used is left out. Of a ramp, its last rate's."""
    rows = [row for row in summary["scaling"] or () if row["cpu_ms_per_order"]]
    if not rows:
        return None
    parts: Mapping[str, float] = rows[-1]["cpu_ms_per_order"]
    return sum(value for part, value in parts.items() if part != "harness")


def _cost(summary: Summary) -> float | None:
    return _number(summary["cost_usd_per_million_orders"])


def services(summary: Summary) -> dict[str, float]:
    """What each service would cost a million orders; empty where nothing counted its use, or there are no orders."""
    cost = summary.get("cost")
    if not cost or cost["unit"] != "orders":
        return {}
    return {name: float(each["usd_per_million"]) for name, each in cost["services"].items()}


FIGURES: Final = (
    Figure("order_p50_ms", "order p50, ms", _of_orders("p50_ms")),
    Figure("order_p95_ms", "order p95, ms", _of_orders("p95_ms")),
    Figure("order_p99_ms", "order p99, ms", _of_orders("p99_ms")),
    Figure("request_p50_ms", "request p50, ms", _of_request("p50_ms")),
    Figure("request_p95_ms", "request p95, ms", _of_request("p95_ms")),
    Figure("done_per_s", "done a second", _done_per_s),
    Figure("sustained_per_s", "highest rate that keeps the SLO, a second", _sustained_per_s),
    Figure("invocations_per_order", "invocations an order", _invocations_per_order),
    Figure("cpu_ms_per_order", "processor ms an order", _cpu_ms_per_order),
    Figure("cost_usd_per_million_orders", "USD a million orders on AWS", _cost),
)


def of(summary: Summary) -> dict[str, float | None]:
    """All figures of a run by their keys. Raises KeyError or TypeError for what is no summary."""
    return {figure.key: figure.read(summary) for figure in FIGURES}
