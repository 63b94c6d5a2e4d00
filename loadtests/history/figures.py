"""The main figures of a run: what one would compare first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from loadtests import arrival_request
from loadtests.history.values import items, number, part

KEYS: Final = (
    "order_p50_ms",
    "order_p95_ms",
    "answer_p95_ms",
    "throughput_per_s",
    "lost",
    "cost_usd_per_million_orders",
)
_FATES: Final = ("confirmed", "rejected", "cancelled")


def main_figures(summary: Mapping[str, Any]) -> dict[str, float | None]:
    """`answer_p95_ms` is of the request that an arrival stands for: where orders are placed, the one that does it."""
    order = part(summary, "async", "order")
    sync = part(summary, "sync")
    request = arrival_request.name(sync)
    return {
        "order_p50_ms": number(order.get("p50_ms")),
        "order_p95_ms": number(order.get("p95_ms")),
        "answer_p95_ms": number(part(sync, request).get("p95_ms")) if request else None,
        "throughput_per_s": _throughput(summary),
        "lost": number(part(summary, "orders").get("lost")),
        "cost_usd_per_million_orders": number(summary.get("cost_usd_per_million_orders")),
    }


def _throughput(summary: Mapping[str, Any]) -> float | None:
    """What was done in the measured window, a second; of a search for the highest rate, that rate.

    Reports without a table of rates: orders that were decided whenever, or arrivals that left where there are none.
    """
    if search := part(summary, "breakpoint"):
        return number(search.get("rate_per_s"))
    if (told := _done(items(summary.get("scaling")))) is not None:
        return told
    arrival = part(summary, "arrival")
    if arrival.get("unit", "orders") != "orders":
        return number(arrival.get("measured_rate_per_s"))
    decided = [number(part(summary, "orders").get(fate)) for fate in _FATES]
    known = [count for count in decided if count is not None]
    duration_s = number(summary.get("duration_s"))
    return sum(known) / duration_s if known and duration_s else None


def _done(rows: Sequence[Any]) -> float | None:
    """Over all rates of the schedule."""
    steps = [
        (done, until - since)
        for row in rows
        if isinstance(row, Mapping)
        and (done := number(row.get("throughput_per_s"))) is not None
        and (since := number(row.get("from_s"))) is not None
        and (until := number(row.get("to_s"))) is not None
        and until > since
    ]
    seconds = sum(length for _, length in steps)
    done_count = sum(done * length for done, length in steps)
    return done_count / seconds if seconds and math.isfinite(done_count) else None
