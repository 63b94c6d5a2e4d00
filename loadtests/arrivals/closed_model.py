"""The closed model: a fixed number of users, each thinking, then starting the next iteration when the last has ended.

The load follows the stack: a slow stack gets fewer orders. That answers "how many orders can n users
place", never "what do users feel at r orders a second"; for that take the open model, `open_model`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from loadtests.arrivals.clock import Clock, wait_until


@dataclass(slots=True)
class ClosedModel:
    """One user's loop: prepare, iterate, think, again, until `end` (epoch seconds) or `stop`.

    `think()` gives the seconds of a pause; the first one comes before all, so that users who start together do not
    stay together. The intended instant of an iteration is the moment at which the user is ready for it, so the figures
    say nothing of what would have happened without the waiting. An iteration that has begun is finished.
    """

    end: float
    iterate: Callable[[float], None]
    clock: Clock
    stop: Callable[[], bool]
    prepare: Callable[[float], None] | None = None
    think: Callable[[], float] | None = None

    def run(self) -> None:
        """Return when the time is over; never starts an iteration at or after `end`."""
        while self._thought() and self.clock.time() < self.end:
            if self.prepare is not None:
                self.prepare(self.clock.time())
            if self.stop() or (now := self.clock.time()) >= self.end:
                return
            self.iterate(now)

    def _thought(self) -> bool:
        """Pause, at most until the end. False: the run was stopped."""
        if self.think is None:
            return not self.stop()
        return wait_until(min(self.end, self.clock.time() + self.think()), self.clock, self.stop)


def thinking(mean_s: float, choice: random.Random) -> Callable[[], float] | None:
    """Pauses of half to one and a half times the mean, evenly distributed; None for a mean of 0: no pause at all.

    They vary because users with one and the same pause would come in step with each other and stay there.
    """
    if mean_s <= 0:
        return None
    return lambda: choice.uniform(0.5 * mean_s, 1.5 * mean_s)
