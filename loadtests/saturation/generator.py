"""Signs that the harness itself was the limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from loadtests.figures import arrival, harness
from loadtests.figures import work as of_work
from loadtests.result import Result
from loadtests.saturation.signs import Findings, Sign, rounded

LATE_MS: Final = 50.0
"""Arrivals that leave later than this at the 99th percentile are no longer those that were asked for."""

LATE_SHARE: Final = 0.1
"""And by more than this share of what an answer took at the 95th: less than that hides in the noise."""

BUSY_PERCENT: Final = 90.0
"""Of one core: each process of the harness is one thread of Python, and measures late what it hears late."""


def look(result: Result) -> Findings:
    """Arrivals that left late, or a process that had used up its core: of the whole measured window."""
    late = lateness_ms(result)
    late_p99 = float(np.percentile(late, 99)) if late else 0.0
    busiest = _busiest_percent(result)
    lateness = Sign(
        "generator",
        "how late arrivals left (p99)",
        late_p99,
        max(LATE_MS, LATE_SHARE * _answered_p95_ms(result)),
        "ms",
        f"arrivals left up to {late_p99:,.1f} ms late (p99)",
        "the figures are of another load: lower the rate, keep this machine free of other work, or send from another "
        "one (HOST=…)",
    )
    processor = Sign(
        "generator",
        "the busiest process of the harness",
        busiest,
        BUSY_PERCENT,
        "% of a core",
        f"a process of the harness used {busiest or 0:.0f} % of the one core that it can use",
        f"WORKERS={result.plan.workers + 1} spreads the load over more processes, HOST=… over another machine's",
    )
    figures = {
        "late_p99_ms": rounded(late_p99),
        "dropped": len(result.measured_dropped),
        "busiest_process_percent": rounded(busiest),
    }
    return Findings([processor, lateness], figures, list(_told(result, lateness, processor)))


def lateness_ms(result: Result) -> list[float]:
    """How much after its instant each measured arrival left."""
    return [(sent - due) * 1000 for due, sent in arrival.left(result).items()]


def _answered_p95_ms(result: Result) -> float:
    """Of what an arrival stands for, an order or another request, from the intended send; 0 without any."""
    answered = [
        (order.placed.answered - order.placed.intended) * 1000 for order in result.measured_orders if order.placed
    ] or [request.latency_ms for request in of_work.arrivals(result.measured_requests)]
    return float(np.percentile(answered, 95)) if answered else 0.0


def _busiest_percent(result: Result) -> float | None:
    """Of one core, over the load. The probe runs in the thread that sends, so both count."""
    told = harness.told(result)
    used = [
        each["generator_cpu_percent"] + (each["probe_cpu_percent"] or 0.0)
        for each in told["processes"]
        if each["generator_cpu_percent"] is not None
    ]
    gathering = told["main_cpu_percent"]
    return max([*used, *([] if gathering is None else [gathering])], default=None)


def _told(result: Result, lateness: Sign, processor: Sign) -> Iterator[str]:
    yield lateness.reason
    if processor.counts:
        yield processor.reason
    if dropped := result.measured_dropped:
        yield f"{len(dropped)} arrivals were dropped because too many waited for an answer"
