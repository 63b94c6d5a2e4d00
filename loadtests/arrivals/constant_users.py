"""The closed model: a fixed number of users, each starting the next iteration when the last one has ended.

The load follows the stack: a slow stack gets fewer orders. That answers "how many orders can n users
place", never "what do users feel at r orders a second"; for that take the open model, `constant_rate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class ConstantUsers:
    """One user's loop: prepare, iterate, again, until `end` (epoch seconds) or `stop`.

    The intended instant of an iteration is the moment at which the user is ready for it, so the figures say
    nothing of what would have happened without the waiting. An iteration that has begun is finished.
    """

    end: float
    iterate: Callable[[float], None]
    time: Callable[[], float]
    stop: Callable[[], bool]
    prepare: Callable[[float], None] | None = None

    def run(self) -> None:
        """Return when the time is over; never starts an iteration at or after `end`."""
        while not self.stop() and self.time() < self.end:
            if self.prepare is not None:
                self.prepare(self.time())
            if self.stop() or (now := self.time()) >= self.end:
                return
            self.iterate(now)
