"""The command behind ``make test``."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from sandbox.paths import ROOT
from tests.waiting import until

ENDLESS = """
import pathlib, signal, subprocess, sys

def test_starts_a_process_and_waits():
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    pathlib.Path({pids!r}).write_text(str(child.pid))
    signal.pause()
"""


def test_interrupted_tests_leave_nothing_running(tmp_path: Path) -> None:
    pids, endless = tmp_path / "pids", tmp_path / "test_endless.py"
    endless.write_text(ENDLESS.format(pids=str(pids)))
    command = [sys.executable, "-m", "sandbox", "test", f"--rootdir={tmp_path}", "-p", "no:cacheprovider", str(endless)]
    tests = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        child = psutil.Process(int(until(lambda: pids.exists() and pids.read_text(), timeout_s=60)))
        tests.send_signal(signal.SIGINT)
        assert tests.wait(60) != 0
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        tests.kill()
        tests.communicate()
