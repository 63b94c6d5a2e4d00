"""Figures of each function since LocalStack started: what ``/_loadstack/functions`` shows."""

import itertools
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

_DURATIONS_KEPT = 10_000
# Upper limits of the histogram's buckets, in seconds; the last one has none.
DURATION_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass
class RecentPeak:
    """The most invocations at once, in this second of the monotonic clock and the one before.

    Who asks once a second hears of every peak, and any number may ask: nothing is taken away.
    """

    second: int = 0
    now: int = 0
    before: int = 0

    def at(self, second: int, running: int) -> None:
        """``running`` ran until now: before one more does or one ends, and when somebody asks."""
        if second != self.second:
            self.before = self.now if second == self.second + 1 else running
            self.second, self.now = second, running


@dataclass
class FunctionStatistics:
    """Counters of one function. Percentiles are of its last 10,000 durations, in milliseconds.

    Seconds add up over its invocations: ``duration_sum_s`` in an environment, by LocalStack's clock; ``ran_s`` and
    ``cpu_s`` (processor time) from the event to the answer, by the function process's own, of which an invocation that
    timed out or crashed has told none; ``api_ran_s`` is the part of ``ran_s`` that requests to REST APIs waited for,
    with such an invocation's duration by LocalStack's clock, and of one that outlasted its request as much as that
    waited.
    """

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    throttles_by: Counter[str] = field(default_factory=Counter)
    cold_starts: int = 0
    concurrency: int = 0
    max_concurrency: int = 0
    peak: int = 0  # of concurrency, since it was last asked for
    recent: RecentPeak = field(default_factory=RecentPeak)
    environments: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    durations_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_DURATIONS_KEPT))
    duration_counts: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BUCKETS_S) + 1))
    duration_sum_s: float = 0.0
    ran_s: float = 0.0
    api_ran_s: float = 0.0
    cpu_s: float = 0.0

    def began(self, second: int) -> None:
        self.recent.at(second, self.concurrency)
        self.invocations += 1
        self.concurrency += 1
        self.max_concurrency = max(self.max_concurrency, self.concurrency)
        self.peak = max(self.peak, self.concurrency)
        self.recent.now = max(self.recent.now, self.concurrency)

    def ended(self, second: int, duration_s: float) -> None:
        self.recent.at(second, self.concurrency)
        self.concurrency -= 1
        self.durations_ms.append(duration_s * 1000)
        self.duration_counts[bisect_left(DURATION_BUCKETS_S, duration_s)] += 1
        self.duration_sum_s += duration_s

    def as_dict(self) -> dict[str, Any]:
        """Without percentiles."""
        self.recent.at(int(time.monotonic()), self.concurrency)
        return {
            "invocations": self.invocations,
            "errors": self.errors,
            "throttles": self.throttles,
            "throttles_by": dict(sorted(self.throttles_by.items())),
            "cold_starts": self.cold_starts,
            "concurrency": self.concurrency,
            "recent_concurrency": max(self.recent.before, self.recent.now),
            "max_concurrency": self.max_concurrency,
            "environments": self.environments,
            "duration_s": round(self.duration_sum_s, 6),
            "ran_s": round(self.ran_s, 6),
            "api_ran_s": round(self.api_ran_s, 6),
            "cpu_s": round(self.cpu_s, 6),
            "calls": dict(sorted(self.calls.items())),
        }


def _percentiles(durations_ms: list[float]) -> dict[str, float | None]:
    ordered = sorted(durations_ms)
    return {f"p{percent}_ms": _percentile(ordered, percent) for percent in (50, 95, 99)}


def _percentile(ordered: list[float], percent: int) -> float | None:
    """Nearest rank; None of nothing."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return round(ordered[rank - 1], 3)


class Statistics:
    """The functions' counters by name. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: defaultdict[str, FunctionStatistics] = defaultdict(FunctionStatistics)
        self._running: dict[int, str] = {}
        self._numbers = itertools.count()

    @contextmanager
    def invocation(self, function: str) -> Iterator[None]:
        """Count one invocation and time it, errors of the function included (:meth:`error` counts those)."""
        started = time.monotonic()
        with self._lock:
            counters = self._functions[function]
            counters.began(int(started))
        try:
            yield
        finally:
            ended = time.monotonic()
            with self._lock:
                counters.ended(int(ended), ended - started)

    @contextmanager
    def in_work(self, function: str) -> Iterator[None]:
        """Know of one invocation from when it reaches the function: it may wait for its environment first."""
        with self._lock:
            number = next(self._numbers)
            self._running[number] = function
        try:
            yield
        finally:
            with self._lock:
                del self._running[number]

    def error(self, function: str) -> None:
        with self._lock:
            self._functions[function].errors += 1

    def calls(self, function: str, counts: Mapping[str, int]) -> None:
        """Count the AWS operations, ``service.Operation``, that the function called."""
        if counts:
            with self._lock:
                self._functions[function].calls.update(counts)

    def ran(self, function: str, ran_s: float, cpu_s: float) -> None:
        """Count what an invocation took by its process's own clocks."""
        with self._lock:
            counters = self._functions[function]
            counters.ran_s += ran_s
            counters.cpu_s += cpu_s

    def awaited(self, function: str, ran_s: float) -> None:
        """A request to a REST API waited for that much of what the function ran."""
        with self._lock:
            self._functions[function].api_ran_s += ran_s

    def throttle(self, function: str, reason: str) -> None:
        """Count an invocation that was turned away; ``reason``: see ``throttles``."""
        with self._lock:
            counters = self._functions[function]
            counters.throttles += 1
            counters.throttles_by[reason] += 1

    def cold_start(self, function: str) -> None:
        with self._lock:
            self._functions[function].cold_starts += 1

    def environments_changed(self, function: str, by: int) -> None:
        with self._lock:
            self._functions[function].environments += by

    def running(self) -> frozenset[int]:
        """The numbers of the invocations in work."""
        with self._lock:
            return frozenset(self._running)

    def names_of(self, running: frozenset[int]) -> dict[str, int]:
        """How many of these invocations are still in work, by function."""
        with self._lock:
            return dict(Counter(self._running[number] for number in running if number in self._running))

    def take_peaks(self) -> dict[str, int]:
        """The most invocations at once of each function since this was called last."""
        with self._lock:
            peaks = {name: counters.peak for name, counters in self._functions.items()}
            for counters in self._functions.values():
                counters.peak = counters.concurrency
            return peaks

    def snapshot(self) -> dict[str, FunctionStatistics]:
        """Copies of the counters by name, without the durations."""
        with self._lock:
            return {
                name: replace(
                    counters,
                    calls=Counter(counters.calls),
                    throttles_by=Counter(counters.throttles_by),
                    recent=replace(counters.recent),
                    durations_ms=deque(),
                    duration_counts=list(counters.duration_counts),
                )
                for name, counters in sorted(self._functions.items())
            }

    def as_dict(self, *, percentiles: bool = True) -> dict[str, dict[str, Any]]:
        """All figures by name. Percentiles take 1 ms a function, to sort 10,000 durations; nobody waits for it."""
        with self._lock:
            found = {name: counters.as_dict() for name, counters in sorted(self._functions.items())}
            durations = {name: list(self._functions[name].durations_ms) for name in found if percentiles}
        return {
            name: figures | _percentiles(durations[name]) if percentiles else figures for name, figures in found.items()
        }


STATISTICS = Statistics()
