from __future__ import annotations

import signal
import sys

import pytest

from sandbox.foreground import run_in_foreground


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
def test_command_that_a_signal_ends_has_the_exit_code_that_shells_give_it(number: signal.Signals) -> None:
    ends_itself = f"import os, signal; signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), {number.value})"
    assert run_in_foreground([sys.executable, "-c", ends_itself]) == 128 + number


def test_exit_code_of_a_command_is_kept() -> None:
    assert run_in_foreground([sys.executable, "-c", "raise SystemExit(3)"]) == 3
