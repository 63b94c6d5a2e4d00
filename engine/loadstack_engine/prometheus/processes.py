"""Processor time, memory, threads and descriptors: LocalStack, DynamoDB Local, functions, and what else it started."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from loadstack_engine import dynamodb_local
from loadstack_engine.fork_servers import RUNTIME

_LOCALSTACK, _DYNAMODB, _FUNCTIONS, _OTHER = "localstack", "dynamodb-local", "functions", "other"
_LABELS = ("process",)


@dataclass
class _Usage:
    processes: int = 0
    memory_bytes: int = 0
    threads: int = 0
    open_files: int = 0


class _ProcessorTime:
    """Seconds of all processes of a kind, also of those that have ended since: as of the last scrape that saw them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._seen: dict[tuple[str, int, float], float] = {}
        self._ended: defaultdict[str, float] = defaultdict(float)

    def see(self, now: dict[tuple[str, int, float], float]) -> dict[str, float]:
        """Take the seconds of those that live, by kind, id and start; totals by kind."""
        for key in self._seen.keys() - now.keys():
            self._ended[key[0]] += self._seen[key]
        self._seen = now
        totals = defaultdict(float, self._ended)
        for (kind, _, _), seconds in now.items():
            totals[kind] += seconds
        return dict(totals)


_PROCESSOR_TIME = _ProcessorTime()


def collect() -> Iterator[Metric]:
    usage: defaultdict[str, _Usage] = defaultdict(_Usage)
    seconds: dict[tuple[str, int, float], float] = {}
    for kind, process in _processes():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess), process.oneshot():
            times = process.cpu_times()
            each = usage[kind]
            each.memory_bytes += process.memory_info().rss
            each.threads += process.num_threads()
            each.open_files += process.num_fds()
            each.processes += 1
            seconds[kind, process.pid, process.create_time()] = times.user + times.system
    with _PROCESSOR_TIME.lock:
        totals = _PROCESSOR_TIME.see(seconds)
    counter = CounterMetricFamily("loadstack_process_cpu_seconds", "Processor time.", labels=_LABELS)
    for kind, total in sorted(totals.items()):
        counter.add_metric((kind,), total)
    yield counter
    for name, text in (
        ("processes", "How many there are."),
        ("memory_bytes", "Resident memory; what processes share is counted for each."),
        ("threads", "Threads."),
        ("open_files", "Open file descriptors."),
    ):
        gauge = GaugeMetricFamily(f"loadstack_process_{name}", text, labels=_LABELS)
        for kind, each in sorted(usage.items()):
            gauge.add_metric((kind,), getattr(each, name))
        yield gauge


def _processes() -> Iterator[tuple[str, psutil.Process]]:
    localstack = psutil.Process()
    yield _LOCALSTACK, localstack
    dynamodb = dynamodb_local.process()
    kinds = {dynamodb.pid: _DYNAMODB} if dynamodb is not None else {}
    for process in localstack.children(recursive=True):  # parents come before their children
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            inherited = kinds.get(process.ppid())
            kind = kinds.get(process.pid) or inherited or _kind(process)
            kinds[process.pid] = kind
            yield kind, process


def _kind(process: psutil.Process) -> str:
    return _FUNCTIONS if any(argument.startswith(str(RUNTIME)) for argument in process.cmdline()) else _OTHER
