"""The project's own tests and linters, as CI runs them."""

import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sandbox import processes
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.foreground import run_in_foreground
from sandbox.paths import ROOT

# Every engine that a test starts hands its LOADSTACK_… variables on.
_TEST_RUN = "LOADSTACK_TEST_RUN"

_TYPED = (
    "sandbox",
    "bootstrap",
    "engine/loadstack_engine",
    "loadtests",
    "benchmarks",
    "openapi",
    "shop_client",
    "functions",
)
_LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy", *_TYPED),
)


def test(arguments: Sequence[str], *, slow: bool) -> int:
    """Run one tier of the tests from the checkout's root; pytest's exit code. What they left running is ended."""
    # The tests that share a LocalStack are a group and stay in one process; most of them wait most of the time.
    tier = ["-m", "slow"] if slow else ["-m", "not slow", "--numprocesses=4", "--dist=loadgroup"]
    run = uuid.uuid4().hex
    try:
        return run_in_foreground([sys.executable, "-m", "pytest", *tier, *arguments], {_TEST_RUN: run})
    finally:
        processes.kill(run, mark=_TEST_RUN)  # interrupted, pytest-xdist's workers end without their fixtures


def schemas() -> int:
    """Write the schemas of the events anew, where they changed; exit code 1 where others would break."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-m", "common.events.schemas"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


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
