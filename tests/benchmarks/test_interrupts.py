"""An interrupt that Python drops still ends the run."""

import subprocess
import sys

from sandbox.paths import ROOT

# The signal comes while a weak reference's callback runs, whose exceptions are printed and dropped.
DROPPED = """
import os, signal, weakref
from benchmarks import interrupts

class Thing:
    pass

interrupts.listen()
thing = Thing()
reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT))
del thing
print("went on", flush=True)
os.kill(os.getpid(), signal.SIGINT)  # a second one interrupts nothing
try:
    interrupts.check()
except KeyboardInterrupt:
    print("interrupted")
"""


def test_interrupt_that_was_dropped_is_raised_at_the_next_check() -> None:
    result = subprocess.run([sys.executable, "-c", DROPPED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "KeyboardInterrupt" in result.stderr
    assert result.stdout.split("\n")[:2] == ["went on", "interrupted"]
