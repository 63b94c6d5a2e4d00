"""The open model: orders arrive at their instants, whether or not the stack keeps up.

The instants are absolute (`schedule`). The loop never sleeps a period (errors would add up, and a slow moment would
lower the rate for good); it sleeps until the next instant, and when it is behind it starts what is due at once, with
the instants that were intended. Latency is counted from these, so that a stack (or a generator) that falls behind
shows in the figures: coordinated omission cannot happen.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from loadtests.arrivals.clock import Clock, wait_until

MAX_IN_FLIGHT: Final = 1000
"""Iterations that may wait for an answer at once in one process: about 50 MB of greenlets and sockets."""


BRISK_S: Final = 0.5
"""An answer within this time is one of a stack that keeps up."""


class Pool(Protocol):
    """A bounded set of greenlets, as `gevent.pool.Pool` is one."""

    def full(self) -> bool:
        """Whether `spawn` would have to wait."""

    def spawn(self, run: Callable[[float], None], at: float) -> object:
        """Start `run(at)` concurrently."""


def at_once(rate: float, lead_s: float) -> int:
    """How many iterations are under way at the same time, preparation included, while the stack keeps up."""
    return math.ceil(rate * (lead_s + BRISK_S))


@dataclass(slots=True)
class OpenModel:
    """Starts iterations at their instants (`arrivals`, epoch seconds, ascending) until all are started, or `stop`.

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
            if not wait_until(due, self.clock, self.stop):
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

    def _arrive(self, at: float) -> None:
        if self.pool.full():
            self.dropped(at)
        else:
            self.pool.spawn(self.iterate, at)
