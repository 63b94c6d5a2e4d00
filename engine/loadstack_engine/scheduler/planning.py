"""When the schedules of EventBridge Scheduler invoke their targets."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from loadstack_engine.schedule_expressions import Moments, is_one_time, is_rate, parse

# AWS is precise to a minute: a schedule made in the minute that it names still fires.
_PRECISION = timedelta(minutes=1)
_INSTANT = timedelta(microseconds=1)


class Schedule(Protocol):
    """What moto stores of a schedule; dates are seconds since 1970."""

    name: str
    schedule_expression: str
    schedule_expression_timezone: str
    flexible_time_window: dict[str, Any]
    state: str
    start_date: float | None
    end_date: float | None
    action_after_completion: str | None


class Agenda(Protocol):
    def at(self, due: datetime, call: Callable[[], object]) -> None: ...


@dataclass
class Planner:
    """Plans each schedule's next invocation, from when it was created or updated until it is gone or over.

    Attributes:
        agenda: calls when something is due.
        invoke: takes a schedule and the time that it was due.
        exists: whether a schedule is still there.
        delete: removes one whose ``ActionAfterCompletion`` asks for it.
    """

    agenda: Agenda
    invoke: Callable[[Any, datetime], object]
    exists: Callable[[Any], bool]
    delete: Callable[[Any], object]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def plan(self, schedule: Any) -> None:
        """Plan it anew; what was planned of it before no longer counts.

        Raises:
            ValueError: its expression or its time zone is none.
        """
        vars(schedule)["_loadstack_plan"] = plan = object()
        now, start = self.now(), _moment(schedule.start_date)
        moments = parse(schedule.schedule_expression, start or now, schedule.schedule_expression_timezone)
        due = _until(schedule, moments(_first(schedule, start, now)))
        if due is not None:
            self.agenda.at(due, partial(self._on_due, schedule, plan, moments, due))

    def _on_due(self, schedule: Any, plan: object, moments: Moments, due: datetime) -> None:
        if not self._is_current(schedule, plan):
            return
        following = _until(schedule, moments(max(due, self.now() - _PRECISION)))
        if following is not None:
            self.agenda.at(following, partial(self._on_due, schedule, plan, moments, following))
        if schedule.state != "DISABLED":
            is_last = following is None
            self.agenda.at(due + _delay(schedule), partial(self._on_invocation, schedule, plan, due, is_last))

    def _on_invocation(self, schedule: Any, plan: object, due: datetime, is_last: bool) -> None:
        if not self._is_current(schedule, plan):
            return
        self.invoke(schedule, due)
        if is_last and schedule.action_after_completion == "DELETE":
            self.delete(schedule)

    def _is_current(self, schedule: Any, plan: object) -> bool:
        return vars(schedule)["_loadstack_plan"] is plan and self.exists(schedule)


def _first(schedule: Schedule, start: datetime | None, now: datetime) -> datetime:
    """The first invocation comes after this: a rate's is at its start, at once without one."""
    if is_one_time(schedule.schedule_expression):
        return now - _PRECISION
    if start is not None:
        return max(start - _INSTANT, now)
    return now - _INSTANT if is_rate(schedule.schedule_expression) else now


def _until(schedule: Schedule, due: datetime | None) -> datetime | None:
    end = None if is_one_time(schedule.schedule_expression) else _moment(schedule.end_date)
    return None if due is None or (end is not None and due > end) else due


def _delay(schedule: Schedule) -> timedelta:
    """Somewhere in the flexible time window."""
    window = schedule.flexible_time_window or {}
    minutes = window.get("MaximumWindowInMinutes", 0) if window.get("Mode") == "FLEXIBLE" else 0
    return timedelta(minutes=random.uniform(0, minutes))


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
