"""Between two steps: the stack has to be as it was before the first one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from loadtests import queue_looks
from loadtests.stack import Stack

AT_MOST_S: Final = 60.0
LOOK_S: Final = 0.5
LOOKS: Final = 3
"""So many in a row have to find nothing: between two functions a message is in no queue for a moment."""

type Look = Callable[[], int | None]


class Wait(NamedTuple):
    """How long it took, and whether the stack came back; None: nobody tells of its queues."""

    seconds: float
    is_back: bool | None


class Settling:
    """Waits until there is no more work than when it was made. `look` counts messages and running invocations, None
    when nobody tells; `pause` sleeps and says whether the search was ended meanwhile.
    """

    def __init__(self, look: Look, pause: Callable[[float], bool], now: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._pause = pause
        self._now = now
        self._before = look()

    def wait(self) -> Wait:
        """Return when it is so, after a minute, or when the search was ended."""
        if self._before is None:
            return Wait(0.0, is_back=None)
        begin = self._now()
        quiet = 0
        while quiet < LOOKS:
            if self._now() - begin >= AT_MOST_S:
                return Wait(round(self._now() - begin, 1), is_back=False)
            waiting = self._look()
            quiet = quiet + 1 if waiting is not None and waiting <= self._before else 0
            if quiet < LOOKS and self._pause(LOOK_S):
                return Wait(round(self._now() - begin, 1), is_back=False)
        return Wait(round(self._now() - begin, 1), is_back=True)


def work_of(stack: Stack) -> Look:
    """Counts what lies in the stack's queues and the invocations that run, where the engine tells of them. A queue that
    feeds no function does not count: nobody may ever take from it.
    """
    queues = queue_looks.find(stack)

    def look() -> int | None:
        depths = [each.depth for each in queues.look(dead=False).values() if each.feeds is not False]
        functions = stack.functions(percentiles=False) or {}
        running = [int(figures.get("concurrency") or 0) for figures in functions.values()]
        return sum(depths) + sum(running) if depths else None

    return look
