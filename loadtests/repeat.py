"""The command that runs the same load again."""

from __future__ import annotations

import shlex

from loadtests import scenarios
from loadtests.address import DEFAULT_HOST
from loadtests.plan import DRAIN_S, Plan


def command(plan: Plan) -> str:
    """`make load` with all that the plan says and the defaults do not.

    The load is always given, since a default may change. The port of a sandbox shows as `HOST`.
    """
    settings: list[tuple[str, object, object]] = [
        ("SCENARIO", plan.scenario, None),
        ("RATE", _number(plan.rate), None),
        ("ARRIVALS", plan.arrivals, "even"),
        ("SEED", plan.seed, 1),
        ("USERS", plan.users, None),
        ("THINK", _number(plan.think_s), "0"),
        ("DURATION", _number(plan.duration_s), None),
        ("WARMUP", _number(plan.warmup_s), _number(scenarios.load(plan.scenario).defaults.warmup_s)),
        ("DRAIN", _number(plan.drain_s), _number(DRAIN_S)),
        ("WORKERS", plan.workers, 1),
        ("MASTER", plan.master, None),
        ("HOST", plan.host, DEFAULT_HOST),
        ("ENDPOINT", plan.endpoint, None),
        ("ALLOW_REMOTE", "no" if plan.address.is_local else "yes", "no"),
        ("SLO", plan.slo, None),
    ]
    words = [f"{name}={shlex.quote(str(value))}" for name, value, usual in settings if value not in (None, usual)]
    return " ".join(("make load", *words))


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.12g}"
