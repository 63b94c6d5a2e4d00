"""The wait at the end of a run, in each generating process: for orders under way, and then for what comes twice."""

from __future__ import annotations

import time
from typing import Final

import gevent

from loadtests.orders import OrderBook
from loadtests.probe import Probe

LOOK_S: Final = 0.05
SETTLE_S: Final = 0.5
SETTLE_AT_MOST_S: Final = 3.0
LATE_TIMES: Final = 2
"""Orders that are not decided at the limit are waited for until so many times the limit: the late are not the lost."""


class Drain:
    """Waits until every accepted order is decided and told of, at most until `limit`, then settles.

    A missing `notified` is waited for as well, though an order without it is not lost. What is not decided by then is
    late, or lost: it is waited for once more as long, unless the drain is not to settle.
    """

    def __init__(self, book: OrderBook, probe: Probe) -> None:
        self._book = book
        self._probe = probe
        self._deadline = self._late_deadline = 0.0
        self._settles = True

    def limit(self, limit_s: float, *, settle: bool) -> None:
        """End so many seconds from now; also while it goes on."""
        self._deadline = time.monotonic() + limit_s
        self._late_deadline = time.monotonic() + longest_s(limit_s, settle=settle)
        self._settles = settle

    def run(self) -> None:
        """Return when nothing is worth waiting for, or the limit is reached."""
        while (self._book.outstanding or self._book.unnotified) and time.monotonic() < self._deadline:
            gevent.sleep(LOOK_S)
        while self._book.outstanding and time.monotonic() < self._late_deadline:
            gevent.sleep(LOOK_S)
        self._settle()

    def _settle(self) -> None:
        """Listen on for a moment: what comes twice comes right behind the first, and nobody waits for it."""
        deadline = time.monotonic() + SETTLE_AT_MOST_S
        while self._settles and time.monotonic() < deadline:
            quiet_s = time.monotonic() - self._probe.last_heard
            if quiet_s >= SETTLE_S:
                return
            gevent.sleep(SETTLE_S - quiet_s)


def longest_s(limit_s: float, *, settle: bool) -> float:
    """How long a drain with this limit can wait for orders."""
    return limit_s * LATE_TIMES if settle else limit_s
