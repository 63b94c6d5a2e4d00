"""How a run goes, in a line: how far it is, its rate, what is in flight, the 95th percentile, what is overdue.

The figures are of the last seconds and for looking at; the report's are computed from everything.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import gevent

from loadtests import scenarios
from loadtests.batch import Batch
from loadtests.plan import Plan
from loadtests.result import Observations

RECENT_S: Final = 10.0
INTERVAL_S: Final = 1.0


class Progress:
    """Hears every batch, as `Observations` does, and says how it stands.

    `start` is when the measured window begins (epoch seconds); infinity until that is known.
    """

    def __init__(self, plan: Plan, seen: Observations, now: Callable[[], float] = time.time) -> None:
        self.start = math.inf
        self._plan = plan
        self._has_orders = scenarios.load(plan.scenario).unit == "orders"
        self._seen = seen
        self._now = now
        self._sent: deque[tuple[float, int]] = deque()
        self._orders: deque[tuple[float, float]] = deque()
        self._requests: deque[tuple[float, float]] = deque()

    def add(self, batch: Batch) -> None:
        """Enter what a process has told."""
        self._seen.add(batch)
        now = self._now()
        self._requests.extend((now, request.latency_ms) for request in batch.requests)
        self._orders.extend((now, latency_ms) for order in batch.orders if (latency_ms := order.latency_ms) is not None)
        self._sent.append((now, self._seen.total("sent")))
        for recent in (self._requests, self._orders, self._sent):
            while recent and recent[0][0] < now - RECENT_S:
                recent.popleft()

    def line(self) -> str:
        """For example `12 of 60 s   5.0/s   3 in flight   p95 312 ms (orders)   0 overdue`.

        Overdue are orders that have waited longer than the drain would: some of them may yet come.
        """
        parts = [
            self._phase(),
            f"{self._rate():.1f}/s",
            f"{self._seen.total('in_flight')} in flight",
            self._p95(),
        ]
        if self._has_orders:
            parts.append(f"{self._seen.total('overdue')} overdue")
        if dropped := len(self._seen.dropped):
            parts.append(f"{dropped} never sent")
        return "   ".join(parts)

    def _phase(self) -> str:
        at = self._now() - self.start
        if at < 0:
            return "warm-up"
        if at < self._plan.duration_s:
            return f"{at:.0f} of {self._plan.duration_s:g} s"
        return f"{self._seen.total('outstanding')} orders under way" if self._has_orders else "last answers"

    def _rate(self) -> float:
        if not self._sent or self._sent[-1][0] == self._sent[0][0]:
            return 0.0
        (first_at, first), (last_at, last) = self._sent[0], self._sent[-1]
        return (last - first) / (last_at - first_at)

    def _p95(self) -> str:
        """Of orders from end to end, where there are any; else of requests."""
        recent, what = (self._orders, "orders") if self._orders else (self._requests, "requests")
        if not recent:
            return "p95 -"
        sorted_ms = sorted(ms for _, ms in recent)
        return f"p95 {sorted_ms[math.ceil(0.95 * len(sorted_ms)) - 1]:,.0f} ms ({what})"


@contextmanager
def shown(progress: Progress, show: Callable[[str], None]) -> Iterator[None]:
    """Show its line every second, once it is known when the load begins, until the block ends."""

    def tick() -> None:
        while True:
            gevent.sleep(INTERVAL_S)
            if progress.start < math.inf:
                show(progress.line())

    greenlet = gevent.spawn(tick)
    try:
        yield
    finally:
        greenlet.kill()
