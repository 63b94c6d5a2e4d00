from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from loadtests.early_signals import ends_at_once
from loadtests.exit_codes import INTERRUPTED

INTERRUPTED_IMPORT = """
import signal
from loadtests.early_signals import ends_at_once
with ends_at_once():
    try:
        signal.raise_signal(signal.{name})
    except BaseException as error:
        raise RuntimeError("cannot release un-acquired lock") from error
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signal_in_an_import_is_told_and_nothing_else(name: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_IMPORT.format(name=name)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (INTERRUPTED, "\nInterrupted: no report was written.\n")


INTERRUPTED_COMMAND = """
import runpy, signal, sys
class Interrupts:
    def find_spec(self, name, *of):
        if name == "click":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["loadtests", "loadtests.compare", "loadtests.matrix"])
def test_interrupt_while_a_command_imports_its_libraries_is_told_in_a_line(module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_COMMAND.format(module=module)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (INTERRUPTED, "\nInterrupted: no report was written.\n")


def test_signals_are_as_they_were_after_it() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with ends_at_once():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
