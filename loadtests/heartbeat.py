"""Whether the stack is still there: a run against nothing would go on to its end, and tell of failed requests only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import gevent

INTERVAL_S: Final = 1.0
MISSED: Final = 3
"""So many looks in a row without an answer: the stack is gone. LocalStack takes longer to start, so one that was
started anew meanwhile is noticed as well.
"""


@contextmanager
def heartbeat(
    answers: Callable[[], bool], gone: Callable[[float], None], interval_s: float = INTERVAL_S
) -> Iterator[None]:
    """Ask `answers` every `interval_s`; tell `gone`, once, since when (epoch seconds) it did not."""
    greenlet = gevent.spawn(_watch, answers, gone, interval_s)
    try:
        yield
    finally:
        greenlet.kill()


def _watch(answers: Callable[[], bool], gone: Callable[[float], None], interval_s: float) -> None:
    missed: list[float] = []
    while len(missed) < MISSED:
        at = time.time()
        missed = [] if answers() else [*missed, at]
        gevent.sleep(max(0.0, at + interval_s - time.time()))
    gone(missed[0])
