"""Processor time, memory, threads and descriptors: LocalStack, DynamoDB Local, functions, and what else it started."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from loadstack_engine.processes import ACCOUNTS, Usage

_LABELS = ("process",)


def collect() -> Iterator[Metric]:
    found = dict(sorted(ACCOUNTS.look().items()))
    counter = CounterMetricFamily("loadstack_process_cpu_seconds", "Processor time.", labels=_LABELS)
    for kind, usage in found.items():
        counter.add_metric((kind,), usage.cpu_s)
    yield counter
    figures: tuple[tuple[str, str, Callable[[Usage], int]], ...] = (
        ("processes", "How many there are.", lambda usage: len(usage.processes)),
        (
            "memory_bytes",
            "Resident memory; what processes share is counted for each.",
            lambda usage: usage.resident_bytes,
        ),
        ("threads", "Threads.", lambda usage: _sum(usage.processes, psutil.Process.num_threads)),
        ("open_files", "Open file descriptors.", lambda usage: _sum(usage.processes, psutil.Process.num_fds)),
    )
    for name, text, figure in figures:
        gauge = GaugeMetricFamily(f"loadstack_process_{name}", text, labels=_LABELS)
        for kind, usage in found.items():
            gauge.add_metric((kind,), figure(usage))
        yield gauge


def _sum(processes: Sequence[psutil.Process], count: Callable[[psutil.Process], int]) -> int:
    """Without those that have ended meanwhile."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            total += count(process)
    return total
