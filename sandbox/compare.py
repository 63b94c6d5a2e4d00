"""``make load-compare``: the reports of load runs beside each other. It needs no running sandbox."""

import sys
from collections.abc import Mapping

from sandbox.foreground import run_in_foreground
from sandbox.paths import REPORTS

_WORDS = ("A", "B", "TOLERANCE")


def run(environment: Mapping[str, str]) -> int:
    """Compare what A and B name; the comparison's exit code."""
    options = [f"--{word.lower()}={environment[word]}" for word in _WORDS if environment.get(word)]
    reports = environment.get("REPORTS") or str(REPORTS)
    return run_in_foreground([sys.executable, "-m", "loadtests.compare", *options, f"--reports={reports}"])
