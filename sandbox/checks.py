"""The project's own tests and linters, as CI runs them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.paths import ROOT

_TYPED = ("sandbox", "bootstrap", "engine/loadstack_engine", "loadtests", "benchmarks", "functions")
_LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy", *_TYPED),
)


def test(arguments: Sequence[str], *, slow: bool) -> int:
    """Run one tier of the tests from the checkout's root; pytest's exit code."""
    # Two processes: what needs LocalStack is one group, and shares one; the rest goes beside it.
    tier = ["-m", "slow"] if slow else ["-m", "not slow", "--numprocesses=2", "--dist=loadgroup"]
    return subprocess.run([sys.executable, "-m", "pytest", *tier, *arguments], cwd=ROOT, check=False).returncode


def lint(console: Console) -> int:
    """Run every linter, also after one that complains."""
    exit_code = EXIT_OK
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"}
    for tool, *arguments in _LINTERS:
        command = [str(scripts / tool), *arguments]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        console.print(f"{tool} {' '.join(arguments)}: {'ok' if result.returncode == 0 else 'failed'}")
        if result.returncode != 0:
            console.print(result.stdout + result.stderr, markup=False)
            exit_code = EXIT_FAILED
    return exit_code
