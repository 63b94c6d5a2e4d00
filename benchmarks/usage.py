"""What the processes of a contender use, by kind of process, as the operating system counts it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import psutil

from sandbox import processes

Kind = Literal["emulator", "dynamodb", "functions"]
PROCESSORS = psutil.cpu_count() or 1
KINDS: tuple[Kind, ...] = ("emulator", "dynamodb", "functions")
Classify = Callable[[Sequence[str]], Kind]


@dataclass(frozen=True)
class Cpu:
    """CPU seconds of live processes since each began, by kind and in all; and those of the whole machine."""

    kinds: Counter[Kind]
    machine_s: float
    at: float


@dataclass(frozen=True)
class Memory:
    """Bytes by kind. ``resident`` counts a page once for every process that maps it, ``proportional`` only once."""

    resident: Counter[Kind]
    proportional: Counter[Kind]
    processes: Counter[Kind]


def dynamodb_local(command: Sequence[str]) -> bool:
    return any("DynamoDBLocal" in word for word in command)


def cpu(mark: str, classify: Classify) -> Cpu:
    """Of all processes that carry the mark. What a process that ended meanwhile used is lost."""
    used: Counter[Kind] = Counter()
    for process in processes.of_instance(mark):
        try:
            kind, times = classify(process.cmdline()), process.cpu_times()
        except psutil.Error:
            continue
        used[kind] += times.user + times.system  # type: ignore[assignment]  # a Counter of seconds
    return beside_machine(used)


def beside_machine(used: "Counter[Kind]") -> Cpu:
    """As of now."""
    machine = psutil.cpu_times()
    return Cpu(used, machine.user + machine.system + machine.nice, time.perf_counter())


def memory(mark: str, classify: Classify) -> Memory:
    """Proportional sizes are Linux's; elsewhere they are the unique ones."""
    found = Memory(Counter(), Counter(), Counter())
    for process in processes.of_instance(mark):
        try:
            kind, size = classify(process.cmdline()), process.memory_full_info()
        except psutil.Error:
            continue
        found.resident[kind] += size.rss
        found.proportional[kind] += getattr(size, "pss", size.uss)
        found.processes[kind] += 1
    return found
