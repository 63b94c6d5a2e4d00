"""A Locust user's part in a test of Locust's own: one iteration of a loop, or arrivals at a rate."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gevent.pool import Pool

from loadtests.arrivals.open_model import MAX_IN_FLIGHT, OpenModel
from loadtests.arrivals.schedule import Pattern, Schedule, constant
from loadtests.generator import SteadyClock
from loadtests.plan import Plan
from loadtests.scenarios.base import Journey


@dataclass(frozen=True, slots=True)
class Source:
    """Carries a journey out until `stop`. `dropped` is told of arrivals that found too many waiting for an answer."""

    journey: Journey
    lead_s: float
    stop: Callable[[], bool]
    dropped: Callable[[float], None]

    def iterate_once(self) -> None:
        """The closed model's iteration: prepare, then what is measured."""
        self.journey.prepare(time.time())
        self.journey.iterate(time.time())

    def run(self, plan: Plan, seed: int) -> None:
        """The open model, at `plan.rate`. Returns when it was stopped and all has ended; kills it all when killed."""
        clock = SteadyClock()
        begin = clock.time() + self.lead_s
        orders, browsers = Pool(MAX_IN_FLIGHT), Pool(MAX_IN_FLIGHT)
        schedule = constant(plan.rate or 0.0, plan.duration_s)
        model = OpenModel(
            arrivals=(begin + offset for offset in laps(schedule, plan.arrivals, seed)),
            iterate=self.journey.iterate,
            dropped=self.dropped,
            pool=orders,
            clock=clock,
            stop=self.stop,
            prepare=self.journey.prepare,
            prepare_pool=browsers,
            lead_s=self.lead_s,
        )
        try:
            model.run()
            orders.join()
            browsers.join()
        finally:
            orders.kill()
            browsers.kill()


def laps(schedule: Schedule, pattern: Pattern, seed: int) -> Iterator[float]:
    """The schedule's arrivals, again and again without end."""
    for lap in itertools.count():
        begin = lap * schedule.duration_s
        yield from (begin + offset for offset in schedule.offsets(pattern, seed=seed + lap))
