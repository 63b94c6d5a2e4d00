"""After a spike: how long until the queues and the latency are back where they were before it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from loadtests.arrivals.schedule import Timetable
from loadtests.figures import work as of_work
from loadtests.figures.samples import within
from loadtests.figures.scaling import Step, steps
from loadtests.figures.work import Job, Work
from loadtests.looks import Sample
from loadtests.result import Result

SPIKE: Final = 2.0
"""A step is a spike from this many times the rate of the steps on both its sides."""

IN_A_ROW: Final = 3
"""So many samples, or all that are left, must agree that the queues are back: one may come between two batches."""

NEIGHBOURS: Final = 5
"""Latency is back when of so many orders in a row the median is; with fewer before the spike there is no telling."""

LEAST_DEPTH: Final = 2
"""Messages that may be on their way in any sample, whatever was seen before the spike."""


def told(result: Result, schedule: Timetable | None) -> dict[str, Any] | None:
    """None where the schedule has no spike, or the run ended before it.

    `depth_before` and `peak_depth`: messages in all queues together, the highest sample before the spike, and from
    its beginning on. `queue_back_after_s`: seconds from the spike's end until the first of three samples in a row with
    at most `depth_before` (or 2) messages. `latency_before_p95_ms`, and `latency_back_after_s`: until the intended send
    of the first of five orders in a row whose median is not above that. 0: was back at once. Both are None where it
    was not back by the end of the run, and where nothing can be compared.
    """
    found = _spike(list(steps(result, schedule))) if schedule is not None else None
    if found is None:
        return None
    before, spike = found
    work = of_work.of(result)
    return {
        "spike_from_s": round(spike.from_s, 3),
        "spike_to_s": round(spike.to_s, 3),
        "rate_before_per_s": round(before.rate, 3),
        "rate_spike_per_s": round(spike.rate, 3),
        **_queues(result.samples, before, spike),
        **_latency(work, before, spike),
    }


def _spike(found: list[Step]) -> tuple[Step, Step] | None:
    """The first spike and the step before it."""
    for before, spike, after in zip(found, found[1:], found[2:], strict=False):
        if spike.rate >= SPIKE * max(before.rate, after.rate):
            return before, spike
    return None


def _queues(samples: Sequence[Sample], before: Step, spike: Step) -> dict[str, Any]:
    quiet = [_depth(sample) for sample in within(samples, before.since, before.until) if sample.queues]
    later = [sample for sample in within(samples, spike.since, math.inf) if sample.queues]
    ages = [look.age_s for sample in later for look in sample.queues.values() if look.age_s is not None]
    most = max(quiet, default=None)
    return {
        "depth_before": most,
        "peak_depth": max(map(_depth, later), default=None),
        "peak_age_s": round(max(ages), 3) if ages else None,
        "queue_back_after_s": None if most is None else _queue_back(later, spike.until, max(most, LEAST_DEPTH)),
    }


def _depth(sample: Sample) -> int:
    return sum(look.depth for look in sample.queues.values())


def _queue_back(samples: Sequence[Sample], since: float, depth: int) -> float | None:
    after = [sample for sample in samples if sample.at >= since]
    for number in range(len(after)):  # the last samples are of the end, when the orders are drained
        if all(_depth(sample) <= depth for sample in after[number : number + IN_A_ROW]):
            return round(after[number].at - since, 3)
    return None


def _latency(work: Work, before: Step, spike: Step) -> dict[str, Any]:
    quiet = _latencies(work.due(before.since, before.until))
    later = work.due(spike.since, math.inf)
    as_before = float(np.percentile(quiet, 95)) if len(quiet) >= NEIGHBOURS else None
    return {
        "latency_before_p95_ms": None if as_before is None else round(as_before, 1),
        "peak_latency_ms": round(max(_latencies(later), default=0.0), 1) if later else None,
        "latency_back_after_s": None if as_before is None else _latency_back(work, spike.until, as_before),
    }


def _latencies(jobs: Sequence[Job]) -> list[float]:
    return [job.latency_ms for job in jobs if job.latency_ms is not None]


def _latency_back(work: Work, since: float, as_before_ms: float) -> float | None:
    """What was not done counts as slow without end."""
    after = work.due(since, math.inf)
    for first in range(len(after) - NEIGHBOURS + 1):
        some = [job.latency_ms if job.latency_ms is not None else math.inf for job in after[first : first + NEIGHBOURS]]
        if sorted(some)[NEIGHBOURS // 2] <= as_before_ms:
            return 0.0 if first == 0 else round(after[first].intended - since, 3)
    return None
