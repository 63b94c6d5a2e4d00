"""`RATE_MAX` and `PRECISION`: completed by defaults and checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from loadtests import slo
from loadtests.breakpoint.bracket import GROWTH, Bounds
from loadtests.errors import UsageError
from loadtests.plan import MAX_ARRIVALS, MAX_RATE, Plan, said

SCENARIO: Final = "breakpoint"
PRECISION: Final = 0.1
MOST: Final = 64
"""Times the first rate, where `RATE_MAX` is not given."""

USUAL_STEPS: Final = 10
MAX_STEPS: Final = 24
AROUND_S: Final = 10.0
"""What a step takes besides its load, roughly: logging in, the drain, the wait for empty queues."""

FEWEST: Final = 20
"""Orders in a step: of fewer, the 95th percentile is the slowest one."""

_FINEST, _COARSEST = 0.02, 1.0


def complete(plan: Plan, rules: Sequence[slo.Rule], typed: Mapping[str, str]) -> Plan:
    """Return the plan with the bounds of its search; one of another scenario as it is. Raises UsageError where they
    contradict each other, or the scenario has no use for a word. `typed` as in `plan.check`.
    """
    if plan.scenario != SCENARIO:
        if word := next((word for word in ("RATE_MAX", "PRECISION") if word in typed), None):
            raise UsageError(f"{word}={typed[word]} is for SCENARIO={SCENARIO}: leave it out")
        return plan
    if plan.rate is None:
        raise UsageError(f"SCENARIO={SCENARIO} looks for a rate: give RATE=…, the first one, not USERS=…")
    most = min(MAX_RATE, plan.rate * MOST) if plan.rate_max is None else plan.rate_max
    bounds = Bounds(plan.rate, most, PRECISION if plan.precision is None else plan.precision)
    _check(plan, bounds, rules, typed)
    return replace(plan, rate_max=bounds.most, precision=bounds.precision)


def _check(plan: Plan, bounds: Bounds, rules: Sequence[slo.Rule], typed: Mapping[str, str]) -> None:
    first, most, precision = bounds.first, bounds.most, bounds.precision
    if plan.master is not None:
        raise UsageError(f"SCENARIO={SCENARIO} is many runs, and MASTER's workers leave after one: give WORKERS=…")
    if all(rule.is_of_search for rule in rules):
        raise UsageError(f"SCENARIO={SCENARIO} needs SLO rules for its steps: without any, no rate breaks one")
    if first * plan.duration_s < FEWEST:
        told = " ".join(said(*word, typed) for word in (("RATE", first), ("DURATION", plan.duration_s)))
        raise UsageError(
            f"{told} is {first * plan.duration_s:g} orders in a step: a p95 needs {FEWEST}; give more of one"
        )
    if not first <= most <= MAX_RATE:
        raise UsageError(
            f"{said('RATE_MAX', most, typed)} is out of bounds: RATE={first:g} at least, at most {MAX_RATE:g}"
        )
    if not _FINEST <= precision <= _COARSEST:
        told = typed.get("PRECISION", f"{100 * precision:g}%")
        raise UsageError(f"PRECISION={told} is out of bounds: {_FINEST:.0%} to {_COARSEST:.0%}")
    if (count := most * (plan.duration_s + plan.warmup_s)) > MAX_ARRIVALS:
        told = " ".join(said(*word, typed) for word in (("RATE_MAX", most), ("DURATION", plan.duration_s)))
        raise UsageError(f"{told} makes {count:.0f} arrivals in a step; one holds {MAX_ARRIVALS}: give less of one")


def longest_s(plan: Plan) -> float:
    """When no further step begins."""
    return MAX_STEPS * (plan.warmup_s + plan.duration_s + AROUND_S)


def describe(plan: Plan) -> tuple[str, str]:
    """What is to come, and how long it takes."""
    step_s = plan.warmup_s + plan.duration_s
    usual_s = USUAL_STEPS * (step_s + AROUND_S)
    growth = "doubled" if GROWTH == 2 else f"times {GROWTH:g}"
    return (
        f"{SCENARIO}: from {plan.rate:g} orders a second, {growth} until an SLO breaks (up to {plan.rate_max:g}), "
        f"then bisected to {plan.precision or 0:.0%}",
        f"each step is {plan.warmup_s:g} s of warm-up and {plan.duration_s:g} s; mostly some {USUAL_STEPS} steps, "
        f"{_minutes(usual_s)}; it ends after {MAX_STEPS} steps or {_minutes(longest_s(plan))}",
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} s"
