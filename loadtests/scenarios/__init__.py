"""Scenarios: what one iteration does. A new one is a module here and a line in `MODULES`.

Looking a scenario up imports its module only when it is to run: checking a command line stays fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from loadtests.errors import UsageError

if TYPE_CHECKING:
    from loadtests.scenarios.base import Scenario

MODULES: Final[Mapping[str, str]] = {"order": "loadtests.scenarios.order"}


def check(name: str) -> str:
    """Return the name, or raise UsageError listing the scenarios that there are."""
    if name not in MODULES:
        raise UsageError(f"SCENARIO={name} is not known; there are: {', '.join(sorted(MODULES))}")
    return name


def load(name: str) -> Scenario:
    """Import a scenario. Raises UsageError for an unknown one."""
    return cast("Scenario", import_module(MODULES[check(name)]).SCENARIO)
