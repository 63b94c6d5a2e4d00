"""How the load arrived: what was asked for, and what left when.

The request that an arrival stands for is the one whose intended send is the arrival itself; what a shopper does before
or after it is not counted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loadtests import scenarios
from loadtests.arrivals.schedule import Timetable
from loadtests.result import Result

LATE_S: Final = 0.05
"""What leaves later than this after its instant did not leave in time; greenlets that take turns cost a few ms."""


def told(result: Result) -> dict[str, Any]:
    """The load model, what it was asked for, and what came of it.

    `asked` are the arrivals that were due in the window, as it was in the end (less for an interrupted run). Of them
    `sent` left and were answered, or failed, `late` of these left more than 50 ms after their instant, `dropped` could
    not start, and `aborted` were under way when a run that was ended cut them off: nothing is known of them.
    `measured_rate_per_s` counts what really left within the window, whenever it was due. In the closed model nothing
    is due: `asked`, `late`, `aborted` and `steps` are None there.
    """
    plan = result.plan
    gone = left(result)
    within = sum(result.started_at <= sent < result.ended_at for sent in gone.values())
    duration_s = result.ended_at - result.started_at
    schedule = scenarios.schedule(plan)
    asked = _asked(result, schedule) if schedule else None
    return {
        "model": plan.model,
        "rate_per_s": plan.rate,
        "users": plan.users,
        "unit": scenarios.load(plan.scenario).unit,
        "pattern": ("recorded" if plan.log else plan.arrivals) if schedule else None,
        "seed": plan.seed if schedule and (plan.log or plan.arrivals != "even") else None,
        "think_s": None if schedule else plan.think_s,
        "asked": asked,
        "sent": len(gone),
        "late": sum(sent - due > LATE_S for due, sent in gone.items()) if schedule else None,
        "dropped": len(result.measured_dropped),
        "aborted": _aborted(result, asked, gone) if asked is not None else None,
        "measured_rate_per_s": round(within / duration_s, 3) if duration_s > 0 else None,
        "steps": _steps(schedule) if schedule else None,
    }


def left(result: Result) -> dict[float, float]:
    """When each measured arrival left, by the instant at which it was due.

    An order says itself when the generator turned to it: a checkout may then wait for its cart, which is not the
    generator's doing.
    """
    requests = {
        request.arrival: request.sent for request in result.measured_requests if request.intended == request.arrival
    }
    return requests | {order.placed.intended: order.placed.sent for order in result.measured_orders if order.placed}


def _aborted(result: Result, asked: int, gone: Mapping[float, float]) -> int:
    """What was due until the end and left no trace; a whole run waits for everything."""
    if result.state == "complete":
        return 0
    dropped = sum(at < result.ended_at for at in result.measured_dropped)
    return max(0, asked - sum(due < result.ended_at for due in gone) - dropped)


def _asked(result: Result, schedule: Timetable) -> int:
    window_s = result.ended_at - result.started_at
    return sum(at < window_s for at in schedule.offsets(result.plan.arrivals, seed=result.plan.seed))


def _steps(schedule: Timetable) -> list[dict[str, float]]:
    return [
        {"from_s": round(from_s, 3), "to_s": round(to_s, 3), "rate_per_s": round(rate, 3)}
        for from_s, to_s, rate in schedule.windows()
    ]
