"""How the load arrived."""

from __future__ import annotations

from typing import Any

from loadtests.result import Result


def told(result: Result) -> dict[str, Any]:
    """The load model and what it was asked for."""
    plan = result.plan
    return {"model": plan.model, "rate_per_s": plan.rate, "users": plan.users}
