"""Signs that the harness itself was the limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from loadtests.figures import harness
from loadtests.result import Result
from loadtests.saturation import lateness as of_lateness
from loadtests.saturation.signs import Findings, Sign, rounded

BUSY_PERCENT: Final = 90.0
"""Of one core: each process of the harness is one thread of Python, and measures late what it hears late."""


def look(result: Result) -> Findings:
    """Arrivals that left late though the sandbox left room, or a process that used up its core: of the whole window."""
    busiest = _busiest_percent(result)
    lateness = of_lateness.look(result)
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
        "late_p99_ms": rounded(lateness.value),
        "dropped": len(result.measured_dropped),
        "busiest_process_percent": rounded(busiest),
    }
    mine = [processor, lateness] if lateness.limit == "generator" else [processor]
    return Findings(mine, figures, list(_told(result, lateness, processor)))


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
