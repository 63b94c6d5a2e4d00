"""``make load-history``: the list of all runs, written anew."""

import sys
from collections.abc import Mapping

from sandbox.foreground import run_in_foreground
from sandbox.paths import REPORTS


def run(environment: Mapping[str, str]) -> int:
    """The harness's exit code. No sandbox is asked: reports say all by themselves."""
    reports = environment.get("REPORTS") or str(REPORTS)
    return run_in_foreground([sys.executable, "-m", "loadtests.history", f"--reports={reports}"])
