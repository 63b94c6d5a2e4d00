"""A part with a command line of its own, run in the foreground."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sandbox.paths import ROOT


def run_in_foreground(command: Sequence[str], variables: Mapping[str, str] | None = None) -> int:
    """Run a command and hand an interrupt on to it, once; it ends itself and says how it went. Its exit code, as a
    shell has it: 128 and the signal's number for a command that a signal ended.

    ``variables`` are added to its environment.
    """
    with _interruptible():
        # A process group of its own: otherwise the terminal interrupts it as well, and two interrupts mean "at once".
        process = subprocess.Popen(command, cwd=ROOT, process_group=0, env={**os.environ, **(variables or {})})
    while True:
        try:
            code = process.wait()
            return code if code >= 0 else 128 - code
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)


@contextmanager
def _interruptible() -> Iterator[None]:
    """What is started here takes SIGINT, also where we do not: shells start background jobs with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
