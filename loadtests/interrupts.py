"""What ends a run before its time, as an event that it waits for beside everything else: Ctrl-C, SIGTERM, or that
the stack is gone.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Literal, Self

import gevent
from gevent.event import Event

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Its life, while entered:

    *setting up*: a signal raises KeyboardInterrupt in the main greenlet at once, as there is nothing to report.
    *loading*, from `hold` on: the first signal sets `happened`, and the run stops in order: queue removed, report
    written. So does `end`. A signal after either raises KeyboardInterrupt, which leaves the report out.

    Every `finally` is run in any case. `why` says what was first; None while nothing was.
    """

    def __init__(self) -> None:
        self.happened = Event()
        self.why: Literal["interrupted", "died"] | None = None
        self._held = False
        self._main = gevent.getcurrent()
        self._watchers: list[Any] = []

    def __enter__(self) -> Self:
        self._watchers = [gevent.signal_handler(number, self._on_signal) for number in _SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def hold(self) -> None:
        """From now on there is something to report."""
        self._held = True

    def end(self, why: Literal["interrupted", "died"]) -> None:
        """Have the run stop in order; who comes first says why."""
        self.why = self.why or why
        self.happened.set()

    def wait(self, event: Event, timeout_s: float | None = None) -> bool:
        """Wait for the event, the timeout or the end, whichever is first; say whether it was the event."""
        gevent.wait([event, self.happened], timeout=timeout_s, count=1)
        return event.is_set() and not self.happened.is_set()

    def patiently[T](self, work: Callable[[], T], grace_s: float) -> T | None:
        """What the work returns; None where the end comes, or has come, and it takes longer than that from then."""
        working = gevent.spawn(work)
        try:
            gevent.wait([working, self.happened], count=1)
            working.join(grace_s)
            return working.get() if working.ready() else None
        finally:
            working.kill()

    def _on_signal(self) -> None:
        if not self._held or self.happened.is_set():
            gevent.kill(self._main, KeyboardInterrupt)
        self.end("interrupted")
