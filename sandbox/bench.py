"""``make bench``: the benchmarks as a command of their own."""

import sys
from collections.abc import Mapping

from sandbox.foreground import run_in_foreground

_OPTIONS = {"ONLY": "--only", "CONTENDERS": "--contenders", "ROUNDS": "--rounds"}


def run(environment: Mapping[str, str]) -> int:
    """Measure with what the environment asks for; the benchmarks' exit code."""
    options = [f"{option}={environment[name]}" for name, option in _OPTIONS.items() if environment.get(name)]
    return run_in_foreground([sys.executable, "-m", "benchmarks", *options])
