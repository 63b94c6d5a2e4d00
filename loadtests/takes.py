"""How long a plan takes: what somebody wants to know before it starts."""

from __future__ import annotations

from typing import Final

from loadtests.breakpoint.words import AROUND_S, USUAL_STEPS, longest_s
from loadtests.plan import Plan

_DRAINS: Final = 2
"""Of what is still outstanding after the drain's limit, it is waited for as long again."""


def seconds(plan: Plan) -> tuple[float, float]:
    """Usually, and at most: with the whole drain, or all steps of a search. Logging in and the report come on top."""
    load_s = plan.warmup_s + plan.duration_s
    if plan.rate_max is not None:
        return USUAL_STEPS * (load_s + AROUND_S), longest_s(plan)
    return load_s, load_s + _DRAINS * plan.drain_s
