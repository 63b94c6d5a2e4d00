"""The scaling table: what each rate of the schedule brought, a row a step; one row where the rate is constant.

A row is about what was due in its seconds, wherever that came to its end; throughput, concurrency, queues and
processor time are what was seen in these seconds. A step that never began (an interrupted run) has no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loadtests.arrivals.schedule import Timetable
from loadtests.figures import orders as of_orders
from loadtests.figures import queues
from loadtests.figures import work as of_work
from loadtests.figures.samples import at_instant, growth, within
from loadtests.figures.work import Work
from loadtests.looks import Sample
from loadtests.percentiles import Latency, latency
from loadtests.records import Request
from loadtests.result import Result

LOOKS_BACK_S: Final = 2.0
"""A sample's concurrency is of up to so long before it: nearer to a step's beginning it may be the last step's."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step's seconds in the run, from its start, as far as it got; and in epoch seconds."""

    from_s: float
    to_s: float
    rate: float
    since: float
    until: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.until - self.since


def steps(result: Result, schedule: Timetable) -> Iterator[Step]:
    """The steps that began before the run ended; the last of them may be cut short."""
    length_s = result.ended_at - result.started_at
    for from_s, to_s, rate in schedule.windows():
        ended_s = min(to_s, length_s)
        if ended_s > from_s:
            yield Step(from_s, ended_s, rate, result.started_at + from_s, result.started_at + ended_s)


def rows(result: Result, schedule: Timetable | None) -> list[dict[str, Any]] | None:
    """A row for each step; None in the closed model, which has no rate.

    `asked`: arrivals that were due; `sent`: of these, what left; `throughput_per_s`: orders decided (without
    orders: requests answered) in the step's seconds; `outstanding`: due by its end and not done then; `sync`: of
    the request that an arrival stands for; `async`: of orders, count 0 without any; `max_concurrency` and
    `cold_starts` by function, `queues`, and `cpu_ms_per_order`: processor milliseconds of each part for each that
    was done in these seconds, with all that the part did besides. What nobody could tell is missing or None.
    """
    if schedule is None:
        return None
    work = of_work.of(result)
    requests = of_work.arrivals(result.requests)
    due = list(schedule.offsets(result.plan.arrivals, seed=result.plan.seed))
    return [
        {
            "rate_per_s": round(step.rate, 3),
            "from_s": round(step.from_s, 3),
            "to_s": round(step.to_s, 3),
            "asked": sum(step.from_s <= at < step.to_s for at in due),
            **_arrived(requests, step),
            **_done(result, work, step),
            **_seen(result.samples, work, step),
        }
        for step in steps(result, schedule)
    ]


def _arrived(requests: list[Request], step: Step) -> dict[str, Any]:
    arrived = [request for request in requests if step.since <= request.arrival < step.until]
    return {"sent": len(arrived), "sync": dict(latency([request.latency_ms for request in arrived]))}


def _done(result: Result, work: Work, step: Step) -> dict[str, Any]:
    orders = [
        order
        for order in result.orders
        if order.placed is not None and step.since <= order.placed.intended < step.until
    ]
    ended: Latency = latency([ms for order in orders if (ms := order.latency_ms) is not None])
    return {
        "throughput_per_s": round(work.done(step.since, step.until) / step.seconds, 3),
        "outstanding": work.outstanding(step.until),
        "async": dict(ended),
        "lost": of_orders.lost(orders, result),
    }


def _seen(samples: list[Sample], work: Work, step: Step) -> dict[str, Any]:
    seen = within(samples, step.since, step.until)
    settled = [sample for sample in seen if sample.at >= step.since + LOOKS_BACK_S] or seen
    return {
        "max_concurrency": _most(settled),
        "cold_starts": _cold_starts(samples, step),
        "queues": queues.highest(seen),
        "cpu_ms_per_order": _cpu(samples, step, work.done(step.since, step.until)),
    }


def _most(samples: list[Sample]) -> dict[str, int]:
    names = sorted({name for sample in samples for name in sample.functions})
    return {
        name: max(sample.functions[name].concurrency for sample in samples if name in sample.functions)
        for name in names
    }


def _cold_starts(samples: list[Sample], step: Step) -> dict[str, int]:
    """Between the samples nearest to the step's two ends, so up to a second of the next step's may be in it."""
    before, after = at_instant(samples, step.since), at_instant(samples, step.until)
    if before is None or after is None:
        return {}
    return {
        name: max(0, look.cold_starts - (before.functions[name].cold_starts if name in before.functions else 0))
        for name, look in sorted(after.functions.items())
    }


def _cpu(samples: list[Sample], step: Step, done: int) -> Mapping[str, float]:
    return {
        part: round(used_s * 1000 / done, 2) for part, used_s in growth(samples, step.since, step.until).items() if done
    }
