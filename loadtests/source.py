"""A Locust user's part in a test of Locust's own: one iteration of a loop, or arrivals at a rate."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gevent.pool import Pool

from loadtests import scenarios
from loadtests.arrivals.open_model import MAX_IN_FLIGHT, OpenModel
from loadtests.arrivals.schedule import Pattern, Timetable
from loadtests.generator import SteadyClock
from loadtests.plan import Plan
from loadtests.scenarios.base import Journey


@dataclass(frozen=True, slots=True)
class Source:
    """Carries a journey out until `stop`. `dropped` is told of arrivals that found too many waiting for an answer."""

    journey: Journey
    plan: Plan
    stop: Callable[[], bool]
    dropped: Callable[[float], None]

    def run(self) -> None:
        """One iteration; with `plan.rate`, arrivals without end."""
        schedule = scenarios.schedule(self.plan)
        if schedule is None:
            self.journey.prepare(time.time())
            self.journey.iterate(time.time())
        else:
            self._arrive(schedule)

    def _arrive(self, schedule: Timetable) -> None:
        """Return when it was stopped and all that is under way has ended; killed, kill that as well."""
        clock = SteadyClock()
        lead_s = scenarios.load(self.plan.scenario).lead_s
        begin = clock.time() + lead_s
        orders, browsers = Pool(MAX_IN_FLIGHT), Pool(MAX_IN_FLIGHT)
        model = OpenModel(
            arrivals=(begin + offset for offset in laps(schedule, self.plan.arrivals, random.getrandbits(32))),
            iterate=self.journey.iterate,
            dropped=self.dropped,
            pool=orders,
            clock=clock,
            stop=self.stop,
            prepare=self.journey.prepare,
            prepare_pool=browsers,
            lead_s=lead_s,
        )
        try:
            model.run()
            orders.join()
            browsers.join()
        finally:
            orders.kill()
            browsers.kill()


def laps(schedule: Timetable, pattern: Pattern, seed: int) -> Iterator[float]:
    """The schedule's arrivals, again and again without end."""
    for lap in itertools.count():
        begin = lap * schedule.duration_s
        yield from (begin + offset for offset in schedule.offsets(pattern, seed=seed + lap))
