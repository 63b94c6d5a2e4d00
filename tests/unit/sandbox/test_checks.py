"""The command behind ``make test``."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.paths import ROOT
from tests.waiting import until

ENDLESS = """
import pathlib, signal, subprocess, sys

def test_starts_a_process_and_waits():
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    pathlib.Path({pids!r}).write_text(str(child.pid))
    signal.pause()
"""


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def ending(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """How the command is ended. A shell starts its background jobs with SIGINT ignored, which children inherit."""
    number: signal.Signals = request.param
    before = signal.signal(signal.SIGINT, signal.default_int_handler if number == signal.SIGINT else signal.SIG_IGN)
    yield number
    signal.signal(signal.SIGINT, before)


def test_interrupted_tests_leave_nothing_running(tmp_path: Path, ending: signal.Signals) -> None:
    pids, endless = tmp_path / "pids", tmp_path / "test_endless.py"
    endless.write_text(ENDLESS.format(pids=str(pids)))
    command = [sys.executable, "-m", "sandbox", "test", f"--rootdir={tmp_path}", "-p", "no:cacheprovider", str(endless)]
    tests = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        child = psutil.Process(int(until(lambda: pids.exists() and pids.read_text())))
        tests.send_signal(ending)
        assert tests.wait(60) != 0
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        tests.kill()
        tests.wait()
