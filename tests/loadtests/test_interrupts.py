"""In a process of its own: signals are its own, and gevent's hub is not for the tests'."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gevent.event import Event

from loadtests.interrupts import Interrupts
from tests.loadtests.conftest import ENVIRONMENT

SCRIPT = """
import os, signal
from gevent.event import Event
from loadtests.interrupts import Interrupts

def press():
    os.kill(os.getpid(), signal.SIGINT)

with Interrupts() as interrupts:
    interrupts.hold()
    {first}
    print(interrupts.happened.wait(30), interrupts.why)
    try:
        press()
        Event().wait(30)
    except KeyboardInterrupt:
        print("leaves the report out")
"""


@pytest.mark.parametrize(("first", "why"), [("press()", "interrupted"), ('interrupts.end("died")', "died")])
def test_signal_after_the_end_of_a_run_leaves_the_report_out(first: str, why: str) -> None:
    script = SCRIPT.format(first=first)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (run.stdout, run.stderr) == (f"True {why}\nleaves the report out\n", "")


def test_what_comes_last_is_waited_for_until_the_run_is_ended() -> None:
    interrupts = Interrupts()
    assert interrupts.patiently(lambda: 7, 0.0) == 7
    assert interrupts.patiently(lambda: interrupts.end("interrupted") or Event().wait(), 0.0) is None
    assert interrupts.patiently(Event().wait, 0.0) is None
    assert interrupts.patiently(lambda: 7, 30.0) == 7
