"""Calls to make now, on a pool, or later: one thread that sleeps until the next one is due."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime

LOG = logging.getLogger(__name__)

_WORKERS = 16
_STOP_LIMIT_S = 1.5


@dataclass(order=True)
class _Entry:
    due: float
    number: int
    call: Callable[[], object] = field(compare=False)
    at_stop: bool = field(compare=False)


class Agenda:
    """Thread-safe. Its threads start when they are needed first; a call that raises is told in the log.

    Args:
        workers: how many calls may run at once. More wait, in the order in which they became due.
        clock: seconds that only grow.
    """

    def __init__(self, workers: int = _WORKERS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._entries: list[_Entry] = []
        self._numbers = itertools.count()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="agenda")
        self._running: set[Future[None]] = set()
        self._thread: threading.Thread | None = None
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    def now(self, call: Callable[[], object]) -> None:
        """Call as soon as a worker is free; once the agenda stops, before this returns."""
        with self._changed:
            if not self._stopped:
                self._start(call)
                return
        _make(call)

    def later(self, delay_s: float, call: Callable[[], object], *, at_stop: bool = False) -> None:
        """Call in so many seconds; at once when that is zero or less.

        ``at_stop``: what is still waiting when the agenda stops is called then, and otherwise dropped.
        """
        with self._changed:
            if self._stopped:
                return
            heapq.heappush(self._entries, _Entry(self._clock() + delay_s, next(self._numbers), call, at_stop))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="agenda")
                self._thread.start()
            if self._entries[0].call is call:
                self._changed.notify()

    def at(self, due: datetime, call: Callable[[], object]) -> None:
        """Call when the clock on the wall shows this time, which has a time zone; at once when it has passed."""

        def check() -> None:
            if datetime.now(UTC) < due:  # the clock was put back meanwhile
                self.at(due, call)
            else:
                call()

        self.later((due - datetime.now(UTC)).total_seconds(), check)

    def drain(self, limit_s: float) -> None:
        """Wait for the calls that are due, and for those that they make; at most ``limit_s``."""
        deadline = time.monotonic() + limit_s
        while (running := set(self._running)) and (left := deadline - time.monotonic()) > 0:
            wait(running, left)

    def stop(self, limit_s: float = _STOP_LIMIT_S) -> None:
        """Make the calls that are wanted at the stop, wait for those that run; at most ``limit_s``."""
        with self._changed:
            self._stopped = True
            for entry in self._entries:
                if entry.at_stop:
                    self._start(entry.call)
            self._entries.clear()
            self._changed.notify()
            running = set(self._running)
        wait(running, limit_s)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                remaining = self._entries[0].due - self._clock() if self._entries else None
                if remaining is None or remaining > 0:
                    self._changed.wait(remaining if remaining is None else min(remaining, threading.TIMEOUT_MAX))
                else:
                    self._start(heapq.heappop(self._entries).call)

    def _start(self, call: Callable[[], object]) -> None:
        future = self._pool.submit(_make, call)
        self._running.add(future)
        future.add_done_callback(self._running.discard)


def _make(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception as error:
        LOG.warning("%s failed: %s", call, error, exc_info=LOG.isEnabledFor(logging.DEBUG))


AGENDA = Agenda()
