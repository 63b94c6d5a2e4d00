"""One contender: started on a free port, tested, ended."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import interrupts
from benchmarks.contenders import Contender
from benchmarks.contenders.base import Place
from benchmarks.errors import ContenderError
from benchmarks.ports import free_port
from bootstrap.errors import BootstrapError
from compat.recorder import RESULTS, TREE
from sandbox import processes
from sandbox.checks import TEST_ENDPOINT, TEST_RUN
from sandbox.errors import SandboxError
from sandbox.paths import DEVELOPMENT, ROOT
from sandbox.target import Target
from sandbox.up import bring_up

# Orders that never finish are waited for as long as this: most of a run on an emulator that lacks something.
TEST_LIMIT_S = 60
_ATTEMPTS = 3
_END_LIMIT_S = 60.0
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """The test files or folders, from the root; noted in ``results`` as of ``tree``, for ``limit_s`` at the most."""

    results: Path
    tree: str
    tests: Sequence[str]
    limit_s: float


def execute(contender: Contender, folder: Path, wanted: Wanted) -> bool:
    """Run what is not noted yet; whether all of it was run.

    Nothing that it started runs when it returns or raises.

    Raises:
        ContenderError: the contender did not start, or the shop not on it.
    """
    instance = contender.make(Place((folder / contender.name).resolve(), free_port(), DEVELOPMENT))
    try:
        instance.start()
        endpoint = f"http://127.0.0.1:{instance.port}"
        _bring_up(endpoint)
        return _test(endpoint, wanted)
    finally:
        instance.stop()


def _bring_up(endpoint: str) -> None:
    """Before the tests: a fixture that fails would fail all of them. Again where functions that start cold on a busy
    machine did not answer the seed in time; what was made stays.
    """
    for left in reversed(range(_ATTEMPTS)):
        try:
            bring_up(Target(endpoint, None), Console(quiet=True))
            return
        except (BootstrapError, SandboxError) as error:
            if not left:
                raise ContenderError(f"the shop could not be brought up: {error}") from error


def _test(endpoint: str, wanted: Wanted) -> bool:
    """pytest on the endpoint, interrupted when the time is over."""
    run = uuid.uuid4().hex
    variables = {TEST_ENDPOINT: endpoint, TEST_RUN: run, "ENDPOINT": ""}
    variables |= {RESULTS: str(wanted.results.resolve()), TREE: wanted.tree}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=no", "-rN", "-m", "not slow"]
    command += ["-p", "compat.recorder", "-p", "no:cacheprovider", f"--timeout={TEST_LIMIT_S}"]
    command += ["-o", "timeout_func_only=true", *wanted.tests]
    pytest = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables}, process_group=0)
    try:
        return _finished(pytest, wanted.limit_s)
    finally:
        _end(pytest)
        processes.kill(run, mark=TEST_RUN)


def _finished(pytest: subprocess.Popen[bytes], limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while pytest.poll() is None:
        interrupts.check()
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return pytest.returncode in (0, 1, 5)  # all passed, some failed, none was left to run


def _end(pytest: subprocess.Popen[bytes]) -> None:
    """Its fixtures take down what they made, unless that lasts too long."""
    if pytest.poll() is None:
        pytest.send_signal(signal.SIGINT)
        try:
            pytest.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            pytest.kill()
            pytest.wait()
