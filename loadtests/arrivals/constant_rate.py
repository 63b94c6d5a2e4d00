"""The open model: orders arrive at a constant rate, whether or not the stack keeps up.

Arrival i is due at the absolute instant `start + i / rate`. The loop never sleeps a period (errors would add
up, and a slow moment would lower the rate for good); it sleeps until the next instant, and when it is behind
it starts what is due at once, with the instants that were intended. Latency is counted from these, so that
a stack (or a generator) that falls behind shows in the figures: coordinated omission cannot happen.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

MAX_IN_FLIGHT: Final = 1000
"""Iterations that may wait for an answer at once in one process: about 50 MB of greenlets and sockets."""

STOP_CHECK_S: Final = 0.25
"""The longest sleep at a stretch, so that Ctrl-C is noticed also between rare arrivals."""

_ROUNDING: Final = 1e-9


class Clock(Protocol):
    """Wall-clock time and a cooperative sleep; tests give one that jumps."""

    def time(self) -> float:
        """Epoch seconds."""

    def sleep(self, seconds: float) -> None:
        """Let others run for that long, at least once also for 0."""


class Pool(Protocol):
    """A bounded set of greenlets, as `gevent.pool.Pool` is one."""

    def full(self) -> bool:
        """Whether `spawn` would have to wait."""

    def spawn(self, run: Callable[[float], None], at: float) -> object:
        """Start `run(at)` concurrently."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which arrivals are this process's: the i-th with `i % of == index`. All of them for `Share(0, 1)`."""

    index: int = 0
    of: int = 1


def offsets(rate: float, duration_s: float, warmup_s: float = 0.0, share: Share | None = None) -> Iterator[float]:
    """Yield arrival offsets in seconds, ascending; negative ones belong to the warm-up.

    The measured ones are `0, 1/rate, 2/rate, …`, all below `duration_s`: exactly `rate * duration_s` of them
    when that is whole, else one more begun. A warm-up shorter than a period has none. Each is computed from
    its index, never by adding up, so that the millionth is as exact as the first.
    """
    mine = share or Share()
    first = -math.floor(warmup_s * rate + _ROUNDING)
    end = math.ceil(duration_s * rate - _ROUNDING)
    return (i / rate for i in range(first, end) if i % mine.of == mine.index)


@dataclass(slots=True)
class ConstantRate:
    """Starts iterations at their instants until all are started, or `stop` is true.

    `prepare(at)`, if there is one, starts `lead_s` before each arrival, in a greenlet of its own: what a
    shopper does before ordering is load as well, but the order never waits for it. (If it did, a slow
    catalogue would lower the rate of orders: the very thing that an open model is there to prevent.)
    `iterate(at)` starts at the arrival. `dropped(at)` is told of an arrival that found the pool full: the
    iteration does not run, and is not tried later.
    """

    arrivals: Iterable[float]
    iterate: Callable[[float], None]
    dropped: Callable[[float], None]
    pool: Pool
    clock: Clock
    stop: Callable[[], bool]
    prepare: Callable[[float], None] | None = None
    prepare_pool: Pool | None = None
    lead_s: float = 0.0

    def run(self) -> None:
        """Return when the last arrival has been started or dropped; iterations may still be running."""
        for due, is_arrival, at in self._events():
            if not self._wait_until(due):
                return
            if is_arrival:
                self._arrive(at)
            elif self.prepare is not None and self.prepare_pool is not None and not self.prepare_pool.full():
                self.prepare_pool.spawn(self.prepare, at)

    def _events(self) -> Iterator[tuple[float, bool, float]]:
        """Arrivals and, if there are any, their preparations, merged by the instant at which they are due."""
        arrivals, prepared = itertools.tee(self.arrivals)  # holds what lies between the two: the lead's arrivals
        due = ((at, True, at) for at in arrivals)
        if self.prepare is None:
            return due
        return heapq.merge(((at - self.lead_s, False, at) for at in prepared), due)

    def _wait_until(self, due: float) -> bool:
        """Sleep until `due` (not at all if it is past, but let others run). False: the run was stopped."""
        left = due - self.clock.time()
        self.clock.sleep(min(max(left, 0.0), STOP_CHECK_S))
        while not self.stop() and (left := due - self.clock.time()) > 0:
            self.clock.sleep(min(left, STOP_CHECK_S))
        return not self.stop()

    def _arrive(self, at: float) -> None:
        if self.pool.full():
            self.dropped(at)
        else:
            self.pool.spawn(self.iterate, at)
