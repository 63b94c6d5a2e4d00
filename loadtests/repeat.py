"""The command that runs the same load again."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from loadtests import scenarios
from loadtests.address import DEFAULT_HOST
from loadtests.plan import DRAIN_S, Plan


def command(plan: Plan, flow: str | None = None) -> str:
    """`make load` with all that the plan says and the defaults do not.

    The load is always given, since a default may change; so is the flow of this checkout's sandbox, which may have
    been given the other one meanwhile.
    """
    settings: list[tuple[str, object, object]] = [
        ("SCENARIO", plan.scenario, None),
        ("LOG", plan.log, None),
        ("SPEED", _number(plan.speed) if plan.log else None, None),
        ("FROM", plan.since, None),
        ("TO", plan.until, None),
        ("RATE", None if plan.log else _number(plan.rate), None),
        ("RATE_MAX", _number(plan.rate_max), None),
        ("PRECISION", None if plan.precision is None else f"{100 * plan.precision:.12g}%", None),
        ("ARRIVALS", plan.arrivals, "even"),
        ("SEED", plan.seed, 1),
        ("USERS", plan.users, None),
        ("THINK", _number(plan.think_s), "0"),
        ("DURATION", None if plan.log else _number(plan.duration_s), None),
        ("WARMUP", _number(plan.warmup_s), _number(scenarios.load(plan.scenario).defaults.warmup_s)),
        ("DRAIN", _number(plan.drain_s), _number(DRAIN_S)),
        ("WORKERS", plan.workers, 1),
        ("MASTER", plan.master, None),
        ("FLOW", flow if plan.port else None, None),
        ("PORT", plan.port, urlsplit(DEFAULT_HOST).port),
        ("HOST", None if plan.port else plan.host, DEFAULT_HOST),
        ("ENDPOINT", plan.endpoint, None),
        ("ALLOW_REMOTE", "no" if plan.address.is_local else "yes", "no"),
        ("SLO", plan.slo, None),
    ]
    words = [f"{name}={shlex.quote(str(value))}" for name, value, usual in settings if value not in (None, usual)]
    return " ".join(("make load", *words))


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.12g}"
