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


SILENT_S: Final = 60.0
"""A stack that takes connections and says nothing for so long is as good as gone: an overloaded one is only slow."""


@contextmanager
def heartbeat(
    answers: Callable[[], bool | None],
    gone: Callable[[float], None],
    interval_s: float = INTERVAL_S,
    silent_s: float = SILENT_S,
) -> Iterator[None]:
    """Ask `answers` every `interval_s` (None: a connection, and no answer in time); tell `gone`, once, since when
    (epoch seconds) it did not.
    """
    greenlet = gevent.spawn(_watch, answers, gone, interval_s, silent_s)
    try:
        yield
    finally:
        greenlet.kill()


def _watch(
    answers: Callable[[], bool | None], gone: Callable[[float], None], interval_s: float, silent_s: float
) -> None:
    refused: list[float] = []
    silent: list[float] = []
    while len(refused) < MISSED and not (silent and time.time() - silent[0] >= silent_s):
        at = time.time()
        answer = answers()
        refused = [*refused, at] if answer is False else []
        silent = [*silent, at] if answer is None else []
        gevent.sleep(max(0.0, at + interval_s - time.time()))
    gone((refused or silent)[0])
