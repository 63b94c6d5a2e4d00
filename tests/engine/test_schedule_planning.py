"""When a schedule invokes its target, on a clock that the test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from loadstack_engine.scheduler.planning import Planner

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(eq=False)
class Schedule:
    schedule_expression: str
    name: str = "it"
    schedule_expression_timezone: str = "UTC"
    flexible_time_window: dict = field(default_factory=lambda: {"Mode": "OFF"})
    state: str = "ENABLED"
    start_date: float | None = None
    end_date: float | None = None
    action_after_completion: str | None = None


class World:
    """An agenda and a store; ``invoked`` has the seconds after noon and when each was due."""

    def __init__(self):
        self.now = NOON
        self.planned = []
        self.schedules = []
        self.invoked = []
        self.planner = Planner(
            self, self._invoke, lambda s: s in self.schedules, self.schedules.remove, lambda: self.now
        )

    def at(self, due, call):
        self.planned.append((due, len(self.planned), call))

    def _invoke(self, schedule, due):
        assert schedule in self.schedules
        self.invoked.append((self._since_noon(self.now), self._since_noon(due)))

    @staticmethod
    def _since_noon(moment):
        return (moment - NOON).total_seconds()

    def create(self, *arguments, **named):
        schedule = Schedule(*arguments, **named)
        self.schedules.append(schedule)
        self.planner.plan(schedule)
        return schedule

    def run(self, seconds=3600):
        end = NOON + timedelta(seconds=seconds)
        while self.planned and min(self.planned)[0] <= end:
            self.planned.sort()
            due, _, call = self.planned.pop(0)
            self.now = max(self.now, due)
            call()
        self.now = end

    @property
    def times(self):
        return [now for now, _ in self.invoked]


@pytest.fixture
def world():
    return World()


def _seconds(after_noon):
    return (NOON + timedelta(seconds=after_noon)).timestamp()


def test_one_time_schedule_fires_once(world):
    world.create("at(2026-11-21T12:00:10)")

    world.run()

    assert world.times == [10]
    assert len(world.schedules) == 1


def test_one_time_schedule_of_this_minute_fires_at_once_and_an_older_one_never(world):
    world.create("at(2026-11-21T11:59:30)")
    world.create("at(2026-11-21T11:58:00)")

    world.run()

    assert world.invoked == [(0, -30)]


def test_rate_without_a_start_fires_at_once_and_then_each_period(world):
    world.create("rate(20 minutes)")

    world.run(3600)

    assert world.times == [0, 1200, 2400, 3600]


def test_start_and_end_bound_the_invocations(world):
    world.create("rate(1 minute)", start_date=_seconds(90), end_date=_seconds(210))
    world.create("cron(* * * * ? *)", start_date=_seconds(60), end_date=_seconds(120))

    world.run()

    assert world.times == [60, 90, 120, 150, 210]


def test_schedule_that_asks_for_it_is_deleted_after_its_last_invocation(world):
    once = world.create("at(2026-11-21T12:00:10)", action_after_completion="DELETE")
    ending = world.create("rate(1 minute)", end_date=_seconds(100), action_after_completion="DELETE")

    world.run(50)
    assert world.schedules == [ending]
    world.run()

    assert once not in world.schedules
    assert world.schedules == []
    assert world.times == [0, 10, 60]


def test_flexible_window_spreads_the_invocations_and_loses_none(world):
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 3}
    for _ in range(20):
        world.create("cron(* * * * ? *)", flexible_time_window=window, end_date=_seconds(300))

    world.run()

    assert len(world.invoked) == 20 * 5
    delays = [now - due for now, due in world.invoked]
    assert all(0 <= delay <= 180 for delay in delays)
    assert len(set(delays)) > 50


def test_disabled_schedule_does_not_fire_until_it_is_enabled(world):
    schedule = world.create("rate(1 minute)", state="DISABLED")
    world.run(90)

    schedule.state = "ENABLED"
    world.run(200)

    assert world.times == [120, 180]


def test_updated_schedule_fires_by_its_new_expression_only(world):
    schedule = world.create("cron(5 12 * * ? *)")

    schedule.schedule_expression = "cron(7 12 * * ? *)"
    world.planner.plan(schedule)
    world.run()

    assert world.times == [420]


def test_deleted_schedule_does_not_fire_nor_stay_planned(world):
    schedule = world.create("rate(1 minute)")
    world.run(70)

    world.schedules.remove(schedule)
    world.run()

    assert world.times == [0, 60]
    assert world.planned == []


def test_what_a_long_pause_missed_is_not_made_up_for(world):
    world.create("rate(1 minute)")
    world.run(0)

    world.now = NOON + timedelta(minutes=30)
    world.run(1860)

    assert len(world.invoked) <= 4
