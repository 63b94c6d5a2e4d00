"""Scenarios: what one iteration does. A new one is a module here and a line in `MODULES`.

Looking a scenario up imports its module only when it is asked for, and none imports Locust: checking a command line
stays fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from loadtests.errors import UsageError
from loadtests.plan import MAX_ARRIVALS, MAX_RATE, Plan, said

if TYPE_CHECKING:
    from loadtests.arrivals.schedule import Timetable
    from loadtests.scenarios.base import Scenario

MODULES: Final[Mapping[str, str]] = {
    "order": "loadtests.scenarios.order",
    "checkout": "loadtests.scenarios.checkout",
    "catalog": "loadtests.scenarios.catalog",
    "async-intake": "loadtests.scenarios.async_intake",
    "flash-sale": "loadtests.scenarios.flash_sale",
    "ramp": "loadtests.scenarios.ramp",
    "spike": "loadtests.scenarios.spike",
    "breakpoint": "loadtests.scenarios.breakpoint",
    "soak": "loadtests.scenarios.soak",
    "replay": "loadtests.scenarios.replay",
}

NOT_ON_PAGE: Final[Mapping[str, str]] = {
    "breakpoint": "is a search, run after run, judged by SLOs",
    "replay": "plays a log to its end",
}
"""Scenarios that are more than an iteration over and over, which is all that Locust's own page has."""


def on_page() -> list[str]:
    """Those that Locust's page offers."""
    return sorted(MODULES.keys() - NOT_ON_PAGE.keys())


def check_on_page(name: str) -> None:
    """Raises UsageError for a scenario that Locust's page has not, naming the command that has."""
    if check(name) in NOT_ON_PAGE:
        raise UsageError(f"SCENARIO={name} {NOT_ON_PAGE[name]}: Locust's page cannot; make load SCENARIO={name} does")


def check(name: str) -> str:
    """Return the name, or raise UsageError listing the scenarios that there are."""
    if name not in MODULES:
        raise UsageError(f"SCENARIO={name} is not known; there are: {', '.join(sorted(MODULES))}")
    return name


def load(name: str) -> Scenario:
    """Import a scenario. Raises UsageError for an unknown one."""
    return cast("Scenario", import_module(MODULES[check(name)]).SCENARIO)


def of(plan: Plan, shop: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario of a checked plan: `replay` is made for its log; in the processes that generate, where that need not
    be, from what the main process knows of the `shop`.
    """
    if plan.log is None:
        return load(plan.scenario)
    return cast("Scenario", import_module(MODULES[check(plan.scenario)]).of(plan, shop))


def schedule(plan: Plan) -> Timetable | None:
    """When the arrivals of a checked plan are due; None in the closed model, where nothing is due."""
    return None if plan.rate is None else of(plan).schedule(plan.rate, plan.duration_s)


def check_load(plan: Plan, typed: Mapping[str, str] = MappingProxyType({})) -> Plan:
    """Return a checked plan unchanged, or raise UsageError where its scenario cannot be run so.

    `typed` as in `plan.check`.
    """
    arrivals = schedule(plan)
    load_words = (("RATE", plan.rate or 0.0), ("DURATION", plan.duration_s), ("WARMUP", plan.warmup_s))
    told = [said(name, value, typed) for name, value in load_words]
    if arrivals is None and len(list(load(plan.scenario).schedule(1.0, plan.duration_s).windows())) > 1:
        raise UsageError(f"SCENARIO={plan.scenario} goes through several rates: give RATE=…, not USERS=…")
    if arrivals is not None and arrivals.peak > MAX_RATE:
        raise UsageError(
            f"SCENARIO={plan.scenario} {told[0]} has a peak of {arrivals.peak:g} arrivals a second; "
            f"at most {MAX_RATE:g} are possible"
        )
    if arrivals is not None and (count := arrivals.count + _first_rate(arrivals) * plan.warmup_s) > MAX_ARRIVALS:
        raise UsageError(f"{' '.join(told)} makes {count:.0f} arrivals; one run holds {MAX_ARRIVALS}: give less of one")
    return plan


def _first_rate(arrivals: Timetable) -> float:
    """That of the warm-up."""
    return next(arrivals.windows()).rate
