"""One thread that calls every mapping once a second, for what no event tells."""

import logging
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)

PERIOD_S = 1.0


class Clock:
    """Calls what was added every ``PERIOD_S``; its thread runs only while there is something to call."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._calls: set[Callable[[], None]] = set()
        self._running = False

    def add(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._calls.add(call)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="event-source-clock", daemon=True).start()

    def remove(self, call: Callable[[], None]) -> None:
        """Afterwards it is not called, but for a call that is under way."""
        with self._lock:
            self._calls.discard(call)
            self._lock.notify()

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            due = max(due + PERIOD_S, time.monotonic())
            with self._lock:
                self._lock.wait_for(lambda: not self._calls, timeout=due - time.monotonic())
                if not self._calls:
                    self._running = False
                    return
                calls = list(self._calls)
            for call in calls:
                try:
                    call()
                except Exception:
                    LOG.exception("A mapping could not be looked after")


CLOCK = Clock()
