"""Time as the load models see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

STOP_CHECK_S: Final = 0.25
"""The longest sleep at a stretch, so that Ctrl-C is noticed also between rare arrivals."""


class Clock(Protocol):
    """Wall-clock time and a cooperative sleep; tests give one that jumps."""

    def time(self) -> float:
        """Epoch seconds."""

    def sleep(self, seconds: float) -> None:
        """Let others run for that long, at least once also for 0."""


def wait_until(due: float, clock: Clock, stop: Callable[[], bool]) -> bool:
    """Sleep until `due` (not at all if it is past, but let others run). False: the run was stopped."""
    left = due - clock.time()
    clock.sleep(min(max(left, 0.0), STOP_CHECK_S))
    while not stop() and (left := due - clock.time()) > 0:
        clock.sleep(min(left, STOP_CHECK_S))
    return not stop()
