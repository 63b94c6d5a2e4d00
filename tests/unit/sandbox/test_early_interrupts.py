"""Ctrl-C while a command starts, as processes: the window is too short to be met from outside."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from sandbox.paths import ROOT


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)


def test_interrupt_that_was_held_is_told_in_a_line_when_the_command_listens() -> None:
    script = """
import os, signal, sys
from sandbox import early_interrupts
early_interrupts.hold()
signal.raise_signal(signal.SIGINT)
os.execv(sys.executable, [sys.executable, "-m", "sandbox", "status"])
"""
    result = run(script)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "\nInterrupted.\n")


def test_interrupt_while_modules_are_imported_shows_no_traceback() -> None:
    result = run("import signal; from sandbox import early_interrupts; signal.raise_signal(signal.SIGINT)")
    assert (result.returncode, result.stderr) == (-signal.SIGINT, "")


@pytest.mark.parametrize(("before", "after"), [("default_int_handler", "default_int_handler"), ("SIG_IGN", "SIG_IGN")])
def test_listening_leaves_an_ignored_interrupt_ignored(before: str, after: str) -> None:
    script = f"""
import signal
signal.signal(signal.SIGINT, signal.{before})
from sandbox import early_interrupts
early_interrupts.listen()
assert signal.getsignal(signal.SIGINT) is signal.{after}
"""
    assert run(script).returncode == 0


def test_no_word_at_all_gets_the_help_with_its_lines() -> None:
    result = subprocess.run([sys.executable, "-m", "sandbox"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert "\n  up " in result.stdout
    assert result.stderr == ""
