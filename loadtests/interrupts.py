"""Ctrl-C and SIGTERM, turned into an event that the run waits for beside everything else."""

from __future__ import annotations

import signal
from types import TracebackType
from typing import Any, Final, Self

import gevent
from gevent.event import Event

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While entered, the first signal sets `happened`; the run then stops in order: queue removed, report
    written.

    A second signal raises KeyboardInterrupt where the main greenlet is, which leaves the report out but still
    runs every `finally`.
    """

    def __init__(self) -> None:
        self.happened = Event()
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

    def wait(self, event: Event, timeout_s: float | None = None) -> bool:
        """Wait for the event, the timeout or a signal, whichever is first; say whether it was the event."""
        gevent.wait([event, self.happened], timeout=timeout_s, count=1)
        return event.is_set() and not self.happened.is_set()

    def _on_signal(self) -> None:
        if self.happened.is_set():
            gevent.kill(self._main, KeyboardInterrupt)
        self.happened.set()
