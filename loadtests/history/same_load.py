"""Which runs are of the same load: those that the same command makes again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from loadtests.history.values import number

_NO_LOAD: Final = frozenset({"SCENARIO", "FLOW", "PORT", "DRAIN", "WORKERS", "MASTER", "ALLOW_REMOTE", "SLO"})
"""Words that change where a run is made, by how many processes, and what it is held to; the flow is told beside."""


def load_of(repeat: str | None, arrival: Mapping[str, Any]) -> str:
    """The words of the load, `RATE=5 DURATION=60`, out of the command that makes the run again.

    Reports without such a command have their rate, or users.
    """
    words = _words(repeat or "")
    told = [f"{name}={value}" for name, value in words.items() if name not in _NO_LOAD]
    if told or words:
        return " ".join(told)
    given = (("RATE", number(arrival.get("rate_per_s"))), ("USERS", number(arrival.get("users"))))
    return " ".join(f"{name}={value:g}" for name, value in given if value is not None)


def _words(command: str) -> dict[str, str]:
    """`NAME=value` of a command line; of one that no shell would take, none."""
    try:
        words = shlex.split(command)
    except ValueError:
        return {}
    return {name: value for name, equals, value in (word.partition("=") for word in words) if equals}
