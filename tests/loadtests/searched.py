"""Searches against a stack that keeps up to some rate: whole in a moment, for nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from loadtests import slo
from loadtests.breakpoint.settling import Wait
from loadtests.breakpoint.steps import Steps
from loadtests.plan import Plan
from loadtests.result import Result
from tests.loadtests.observed import result, steady

PLAN = Plan("breakpoint", "http://127.0.0.1:4566", 5.0, None, 4.0, 2.0, 30.0, 1, rate_max=320.0, precision=0.1)
RULES = [slo.parse("orders.lost == 0"), slo.parse("async.order.p95_ms < 2000")]

type Run = Callable[[Plan], Result]


def stack_up_to(capacity: float) -> Run:
    """Orders take 0.2 s, and beyond the capacity as long as a queue grows that is worked off at it."""

    def run(plan: Plan) -> Result:
        rate = plan.rate or 0.0
        slower = max(0.0, rate / capacity - 1)
        orders = steady(rate, plan.duration_s, lambda at: 0.2 + 15 * slower * (at + 0.1))
        return replace(result(orders, duration_s=plan.duration_s), plan=plan)

    return run


def steps(run: Run, **changes: Any) -> Steps:
    options: dict[str, Any] = {
        "plan": PLAN,
        "rules": RULES,
        "say": lambda line: None,
        "run": run,
        "settle": lambda: Wait(1.5, is_back=True),
        "ended": lambda: False,
    }
    return Steps(**{**options, **changes})
