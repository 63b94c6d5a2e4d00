"""Whether the stack is still there: a run against nothing would go on to its end, and tell of failed requests only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
) -> Iterator[Callable[[], None]]:
    """Ask `answers` every `interval_s` (None: a connection, and no answer in time); tell `gone`, once, since when
    (epoch seconds) it did not.

    Yields a last look, for the end of a part of the run: there one refused connection is enough, as nothing may come
    after it in which more could be seen.
    """
    watch = _Watch(answers, gone, silent_s)
    greenlet = gevent.spawn(watch.run, interval_s)
    try:
        yield watch.look_last
    finally:
        greenlet.kill()


@dataclass(slots=True)
class _Watch:
    """Keeps the instants of the looks without an answer since the last one that had any."""

    answers: Callable[[], bool | None]
    gone: Callable[[float], None]
    silent_s: float
    refused: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)
    is_gone: bool = False

    def run(self, interval_s: float) -> None:
        """Look until the stack is gone."""
        while not self.is_gone:
            at = time.time()
            self._look(at)
            gevent.sleep(max(0.0, at + interval_s - time.time()))
            self._judge(MISSED)

    def look_last(self) -> None:
        """Look once; what was told is not told again."""
        if not self.is_gone:
            self._look(time.time())
            self._judge(1)

    def _look(self, at: float) -> None:
        answer = self.answers()
        self.refused = [*self.refused, at] if answer is False else []
        self.silent = [*self.silent, at] if answer is None else []

    def _judge(self, enough: int) -> None:
        is_silent = bool(self.silent) and time.time() - self.silent[0] >= self.silent_s
        if (len(self.refused) >= enough or is_silent) and not self.is_gone:
            self.is_gone = True
            self.gone((self.refused or self.silent)[0])
