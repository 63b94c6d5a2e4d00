"""What the harness itself costs: this process's processor time, and the probe's part of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import greenlet


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of processor time in `wall_s` seconds: of the whole process, and of its probe."""

    wall_s: float = 0.0
    process_s: float = 0.0
    probe_s: float = 0.0


class Meter:
    """Counts from the last `mark` on; the probe's part only between `start` and `stop`.

    That is what its greenlets ran, by the thread's processor time at each switch between greenlets
    (about a microsecond a switch). Greenlets that are not the probe's, the event loop and other threads are the
    rest of the process.
    """

    def __init__(self) -> None:
        self._probe: frozenset[Any] = frozenset()
        self._probe_s = 0.0
        self._switched = 0.0
        self._at_mark = (0.0, 0.0, 0.0)
        self._traced_before: Any = None

    def start(self) -> None:
        """Begin to count."""
        self._switched = time.thread_time()
        self._traced_before = greenlet.settrace(self._on_switch)
        self.mark()

    def stop(self) -> None:
        """Count no more; a second call does nothing."""
        if greenlet.gettrace() == self._on_switch:
            greenlet.settrace(self._traced_before)

    def watch(self, probe: Iterable[Any]) -> None:
        """These greenlets are the probe's."""
        self._probe = frozenset(probe)

    def mark(self) -> None:
        """Count from here on."""
        self._at_mark = (time.monotonic(), time.process_time(), self._probe_s)

    def used(self) -> Usage:
        """What was used since the mark."""
        wall, process, probe = self._at_mark
        return Usage(time.monotonic() - wall, time.process_time() - process, self._probe_s - probe)

    def _on_switch(self, _: str, between: tuple[Any, Any]) -> None:
        now = time.thread_time()
        if between[0] in self._probe:
            self._probe_s += now - self._switched
        self._switched = now
