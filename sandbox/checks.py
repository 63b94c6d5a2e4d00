"""The project's own tests and linters, as CI runs them."""

import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from sandbox import preflight, processes
from sandbox import target as targets
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.foreground import run_in_foreground
from sandbox.paths import ROOT

# Of all that a run of the tests starts: every engine hands its LOADSTACK_… variables on.
TEST_RUN = "LOADSTACK_TEST_RUN"
# Not ENDPOINT, which the commands that a test starts would take for theirs.
TEST_ENDPOINT = "LOADSTACK_TEST_ENDPOINT"
# Likewise for FLOW.
TEST_FLOW = "LOADSTACK_TEST_FLOW"

# Most tests wait most of the time. Slow ones load the machine: two at a time, the longest first (tests/conftest.py).
# With three, two processors were too busy for functions to start within their timeouts.
_FAST = ("-m", "not slow", "--numprocesses=4", "--dist=loadgroup")
_SLOW = ("-m", "slow", "--numprocesses=2", "--dist=loadgroup", "--no-loadscope-reorder")

_TYPED = (
    "sandbox",
    "bootstrap",
    "engine/loadstack_engine",
    "loadtests",
    "benchmarks",
    "compat",
    "openapi",
    "shop_client",
    "retail_log",
    "pytest_loadstack/src",
    "functions",
)
_LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("mypy", *_TYPED),
    ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", "examples/ci/github-actions.yml"),
    (
        "check-jsonschema",
        *("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "examples/ci/gitlab-ci.yml"),
    ),
    ("zizmor", "--offline", "--pedantic", "examples/ci/github-actions.yml"),
    ("shellcheck", "--severity=warning", "examples/ci/ci.sh", "sandbox/run", ".ci/run"),
)


def test(arguments: Sequence[str], *, slow: bool) -> int:
    """Run one tier of the tests from the checkout's root; pytest's exit code. What they left running is ended.

    With ``ENDPOINT`` it is the integration tests, on what runs there, one after another; with ``FLOW`` they are all on
    a shop whose orders go that way.

    Raises:
        UsageError: ``ENDPOINT`` is no URL, or ``FLOW`` no such way.
        NotRunningError: nothing answers there.
    """
    flow = preflight.flow(os.environ) or ""
    if endpoint := os.environ.get("ENDPOINT"):
        targets.from_environment().require_running()
        marked = "slow" if slow else "not slow"
        # What pytest takes for a path, and what for an option's value, is for pytest to say.
        return _pytest(["-m", marked, "-o", "testpaths=tests/integration", *arguments], flow, endpoint)
    return _pytest([*(_SLOW if slow else _FAST), *arguments], flow)


def _pytest(arguments: Sequence[str], flow: str, endpoint: str = "") -> int:
    run = uuid.uuid4().hex
    variables = {TEST_RUN: run, TEST_ENDPOINT: endpoint, "ENDPOINT": "", TEST_FLOW: flow, "FLOW": ""}
    try:
        return run_in_foreground([sys.executable, "-m", "pytest", *arguments], variables)
    finally:
        processes.kill(run, mark=TEST_RUN)  # interrupted, pytest-xdist's workers end without their fixtures


def schemas() -> int:
    """Write the schemas of the events anew, where they changed; exit code 1 where others would break."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-m", "common.events.schemas"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def lint(console: Console) -> int:
    """Run every linter, also after one that complains."""
    exit_code = EXIT_OK
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}:{ROOT / 'pytest_loadstack' / 'src'}"}
    for tool, *arguments in _LINTERS:
        command = [str(scripts / tool), *arguments]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        console.print(f"{tool} {' '.join(arguments)}: {'ok' if result.returncode == 0 else 'failed'}")
        if result.returncode != 0:
            console.print(result.stdout + result.stderr, markup=False)
            exit_code = EXIT_FAILED
    return exit_code
