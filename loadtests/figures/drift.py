"""Drift over a long run at a steady rate: is the end as the beginning was?"""

from __future__ import annotations

import statistics
from typing import Any, Final

from loadtests.figures import work as of_work
from loadtests.figures.samples import growth, within
from loadtests.looks import HARNESS, PARTS
from loadtests.result import Result

SCENARIO: Final = "soak"
ENDS: Final = 0.2
"""The share of the run that is its beginning, and its end."""

SLOPE_OF: Final = 0.5
"""Memory's slope is of so much of the run, the later part: caches and heaps fill at first."""

LEAST_SLOPE_S: Final = 60.0
"""Of less than so many seconds no slope is told: times an hour it would be noise."""


def told(result: Result) -> dict[str, Any] | None:
    """Latency, processor time and memory at the beginning and at the end of a soak; None for other scenarios.

    `latency`: the medians of the first and the last fifth of the run (orders; requests where there are none), and
    their ratio. `cpu`: processor milliseconds of all of the sandbox's parts for each that was done in these fifths,
    and their ratio, which a busy machine changes far less than latency's. `memory` by part: the median of the samples
    of these fifths, and the slope of the second half, a least-squares line, in MB an hour. What has no samples is None.
    """
    if result.plan.scenario != SCENARIO:
        return None
    return {
        "latency": _latency(result),
        "cpu": _cpu(result),
        "memory": {part: _memory(result, part) for part in _parts(result)},
    }


def _latency(result: Result) -> dict[str, float | None]:
    work = of_work.of(result)
    fifth_s = ENDS * (result.ended_at - result.started_at)
    first = _median(job.latency_ms for job in work.due(result.started_at, result.started_at + fifth_s))
    last = _median(job.latency_ms for job in work.due(result.ended_at - fifth_s, result.ended_at))
    ratio = round(last / first, 3) if first and last is not None else None
    return {"first_p50_ms": first, "last_p50_ms": last, "ratio": ratio}


def _cpu(result: Result) -> dict[str, float | None]:
    fifth_s = ENDS * (result.ended_at - result.started_at)
    first = _cpu_ms(result, result.started_at, result.started_at + fifth_s)
    last = _cpu_ms(result, result.ended_at - fifth_s, result.ended_at)
    ratio = round(last / first, 3) if first and last is not None else None
    return {"first_ms_per_order": first, "last_ms_per_order": last, "ratio": ratio}


def _cpu_ms(result: Result, since: float, until: float) -> float | None:
    used_s = [seconds for part, seconds in growth(result.samples, since, until).items() if part != HARNESS]
    done = of_work.of(result).done(since, until)
    return round(sum(used_s) * 1000 / done, 2) if used_s and done else None


def _parts(result: Result) -> list[str]:
    return [part for part in PARTS if any(part in sample.memory_mb for sample in result.samples)]


def _memory(result: Result, part: str) -> dict[str, float | None]:
    seen = [
        (sample.at, sample.memory_mb[part])
        for sample in within(result.samples, result.started_at, result.ended_at)
        if part in sample.memory_mb
    ]
    length_s = result.ended_at - result.started_at
    first = _median(mb for at, mb in seen if at <= result.started_at + ENDS * length_s)
    last = _median(mb for at, mb in seen if at > result.ended_at - ENDS * length_s)
    later = [(at, mb) for at, mb in seen if at > result.ended_at - SLOPE_OF * length_s]
    return {"first_mb": first, "last_mb": last, "mb_per_hour": _slope(later)}


def _slope(seen: list[tuple[float, float]]) -> float | None:
    if len(seen) < 2 or seen[-1][0] - seen[0][0] < LEAST_SLOPE_S:
        return None
    line = statistics.linear_regression([at - seen[0][0] for at, _ in seen], [mb for _, mb in seen])
    return round(line.slope * 3600, 1)


def _median(values: Any) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 1) if known else None
