"""Processor time by part, of greenlets that take turns. In a process of its own: gevent patches the one it is in."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.loadtests.conftest import ENVIRONMENT

SCRIPT = """
from gevent import monkey; monkey.patch_all()
import json, time, gevent
from loadtests.cpu import Meter

def burn(turns):
    burned = 0.0
    for _ in range(turns):
        began = time.thread_time()
        while (took := time.thread_time() - began) < 0.01:
            pass
        burned += took
        gevent.sleep(0)
    return burned

meter = Meter()
meter.start()
probe, other = gevent.spawn(burn, 20), gevent.spawn(burn, 10)
meter.watch([probe])
gevent.joinall([probe, other])
used = meter.used()
meter.mark()
marked = meter.used()
meter.stop()
burned = [probe.value, other.value]
print(json.dumps([*burned, used.process_s, used.probe_s, used.wall_s, marked.process_s, marked.probe_s]))
"""


def test_processor_time_of_the_probe_is_told_apart() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr
    probe_burned_s, other_burned_s, process_s, probe_s, wall_s, marked_s, marked_probe_s = json.loads(done.stdout)
    # A turn takes longer where the machine is busy, and the switches between turns take their part.
    assert probe_s == pytest.approx(probe_burned_s, rel=0.2)
    assert process_s - probe_s == pytest.approx(other_burned_s, rel=0.5)
    assert wall_s >= process_s * 0.99
    assert marked_s < 0.05
    assert marked_probe_s == 0
