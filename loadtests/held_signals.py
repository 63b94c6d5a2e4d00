"""Ctrl-C while the report is written: a moment, in which there is nothing to stop that would be worth a lost report."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_signals(say: Callable[[str], None]) -> Iterator[list[int]]:
    """Yield the signals that came; the first one is told and waits, the second raises KeyboardInterrupt."""
    came: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt
        say("writing the report; again Ctrl-C leaves it out")

    before = {number: signal.signal(number, hold) for number in _SIGNALS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
