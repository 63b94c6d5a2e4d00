"""``make compat``: the comparison of endpoints as a command of its own."""

import sys
from collections.abc import Mapping

from sandbox.foreground import run_in_foreground

_OPTIONS = {"ONLY": "--only", "CONTENDERS": "--contenders", "LIMIT": "--limit"}


def run(environment: Mapping[str, str]) -> int:
    """Compare what the environment asks for; the comparison's exit code."""
    options = [f"{option}={environment[name]}" for name, option in _OPTIONS.items() if environment.get(name)]
    if environment.get("AGAIN") == "yes":
        options.append("--again")
    return run_in_foreground([sys.executable, "-m", "compat", *options])
