"""A fresh instance: its start with DynamoDB, its memory while idle, its end."""

import shutil
import time

from benchmarks import usage
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject
from benchmarks.scenarios.memory import values
from sandbox import processes

_LIMIT_S = 20.0


def measure(subject: Subject) -> Measured:
    """Start: until DynamoDB answers. Stop: from the signal until its last process has ended, None where it was cut."""
    place = subject.new_place(f"{subject.contender.name}-fresh")
    began = time.perf_counter()
    instance = subject.contender.make(place)
    instance.start()
    try:
        start_s = time.perf_counter() - began
        idle = usage.memory(instance.mark, instance.kind)
        running = processes.of_instance(instance.mark)
        began = time.perf_counter()
        instance.terminate()
        ended = processes.wait_until_ended(running, _LIMIT_S)
        stop_s = time.perf_counter() - began
    finally:
        instance.stop()
        shutil.rmtree(place.run, ignore_errors=True)
    notes = [] if ended else [f"not ended after {_LIMIT_S:.0f} s"]
    return Measured({"start_s": start_s, "stop_s": stop_s if ended else None, **values(idle)}, notes)


SCENARIO = Scenario(
    "lifecycle",
    "Start with DynamoDB, memory while idle, stop",
    (Cell("lifecycle", measure),),
    needs_stack=False,
)
