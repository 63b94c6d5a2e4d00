from __future__ import annotations

from typing import Any

import pytest

from loadtests.figures import arrival
from loadtests.plan import Plan
from loadtests.records import Request
from loadtests.result import Result

T0 = 1_000_000.0
OPEN = Plan("order", "http://127.0.0.1:4566", 10.0, None, 10.0, 1.0, 30.0, 1)
CLOSED = Plan("order", "http://127.0.0.1:4566", None, 3, 10.0, 1.0, 30.0, 1, think_s=0.5)


def ordered(due: float, late_s: float = 0.001) -> list[Request]:
    """What an arrival does: it looks at the catalogue before, and orders at its instant."""
    return [
        Request(due, due - 0.5, due - 0.499, "GET", "/products", 200, 5.0, None),
        Request(due, due, due + late_s, "POST", "/orders", 202, 30.0, None),
    ]


def told(plan: Plan, requests: list[Request], **changes: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "plan": plan,
        "run_id": "abc",
        "state": "complete",
        "engine": None,
        "started_at": T0,
        "ended_at": T0 + plan.duration_s,
        "orders": [],
        "requests": requests,
        "dropped": [],
        "samples": [],
        "dead_letters": {},
    }
    return arrival.told(Result(**{**options, **changes}))


def test_arrivals_in_time_are_at_the_rate_that_was_asked_for() -> None:
    figures = told(OPEN, [request for i in range(-10, 100) for request in ordered(T0 + i / 10)])
    assert figures == {
        "model": "open", "unit": "orders", "rate_per_s": 10.0, "users": None,
        "pattern": "even", "seed": None, "think_s": None,
        "asked": 100, "sent": 100, "late": 0, "dropped": 0, "aborted": 0, "measured_rate_per_s": 10.0,
        "steps": [{"from_s": 0.0, "to_s": 10.0, "rate_per_s": 10.0}],
    }  # fmt: skip


def test_arrivals_that_an_ended_run_cut_off_are_told() -> None:
    """Of the 50 that were due until its end 5 could not start, and 3 were never answered."""
    answered = [request for i in range(5, 47) for request in ordered(T0 + i / 10)]
    dropped = [T0 + i / 10 for i in range(5)]
    figures = told(OPEN, answered, dropped=dropped, state="interrupted", ended_at=T0 + 5)
    assert [figures[name] for name in ("asked", "sent", "dropped", "aborted")] == [50, 42, 5, 3]
    assert told(CLOSED, [], state="interrupted", ended_at=T0 + 5)["aborted"] is None


def test_arrivals_that_could_not_leave_in_time_are_told_apart() -> None:
    """The second half leaves 3 s late, so that 30 leave after the window, and 5 of the first did not start."""
    first = [request for i in range(5, 50) for request in ordered(T0 + i / 10)]
    second = [request for i in range(50, 100) for request in ordered(T0 + i / 10, late_s=3.001)]
    figures = told(OPEN, first + second, dropped=[T0 - 0.1, *(T0 + i / 10 for i in range(5))])
    assert [figures[name] for name in ("asked", "sent", "late", "dropped")] == [100, 95, 50, 5]
    assert figures["measured_rate_per_s"] == pytest.approx((95 - 30) / 10)


def test_arrivals_of_an_interrupted_run_are_asked_for_until_its_end() -> None:
    figures = told(OPEN, [request for i in range(18) for request in ordered(T0 + i / 10)], ended_at=T0 + 2.0)
    assert (figures["asked"], figures["sent"], figures["measured_rate_per_s"]) == (20, 18, 9.0)


def test_run_interrupted_before_its_window_has_no_rate() -> None:
    figures = told(OPEN, [], ended_at=T0)
    assert (figures["asked"], figures["sent"], figures["measured_rate_per_s"]) == (0, 0, None)


def test_users_in_a_loop_are_asked_for_nothing() -> None:
    figures = told(CLOSED, [request for i in range(20) for request in ordered(T0 + i / 2)])
    assert (figures["sent"], figures["measured_rate_per_s"], figures["think_s"]) == (20, 2.0, 0.5)
    assert [figures[name] for name in ("asked", "late", "pattern", "steps")] == [None] * 4
