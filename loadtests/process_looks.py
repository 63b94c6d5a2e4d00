"""Looks at the processor time and memory of each part: the engine tells its own, this process knows its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import psutil

from loadtests.looks import HARNESS, PARTS
from loadtests.stack import Stack

ROUTE: Final = "/_loadstack/processes"
MB: Final = 1_000_000

_PARTS: Final = {"localstack": "engine", "other": "engine", "functions": "functions", "dynamodb-local": "dynamodb"}
"""The parts of the report by the engine's kinds of processes."""


class Processes:
    """`look()` gives cumulative processor seconds and resident megabytes by part.

    The engine's parts are there where it has the route; generators on other machines are in nobody's.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._route = stack.route(ROUTE) is not None
        self._ended: float = 0.0
        self._seen: dict[tuple[int, float], float] = {}

    def look(self) -> tuple[dict[str, float], dict[str, float]]:
        """Never raises; a part that does not answer is missing in both."""
        cpu_s: defaultdict[str, float] = defaultdict(float)
        memory_mb: defaultdict[str, float] = defaultdict(float)
        told = (self._stack.route(ROUTE) if self._route else None) or {}
        for kind, figures in told.items():
            part = _PARTS.get(kind, "engine")
            cpu_s[part] += figures["cpu_s"]
            memory_mb[part] += figures["memory_bytes"] / MB
        cpu_s[HARNESS], memory_mb[HARNESS] = self._harness()
        parts = [part for part in PARTS if part in cpu_s]
        return {part: cpu_s[part] for part in parts}, {part: memory_mb[part] for part in parts}

    def _harness(self) -> tuple[float, float]:
        """Of this process and its workers; the seconds of one that has ended still count."""
        now: dict[tuple[int, float], float] = {}
        resident = 0
        for process in _own():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess), process.oneshot():
                times = process.cpu_times()
                now[process.pid, process.create_time()] = times.user + times.system
                resident += process.memory_info().rss
        self._ended += sum(self._seen[key] for key in self._seen.keys() - now.keys())
        self._seen = now
        return self._ended + sum(now.values()), resident / MB


def _own() -> Iterator[psutil.Process]:
    process = psutil.Process()
    yield process
    yield from process.children(recursive=True)
