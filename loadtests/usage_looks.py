"""Looks at what the engine counts that AWS would bill: before the load, and when all that it caused is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Final

from gevent.event import Event

type Look = Callable[[], Mapping[str, Any] | None]

ROUTE: Final = "/_loadstack/usage"
QUIET_S: Final = 2.0
"""Without an invocation. What follows an order without being a part of it, as the analytics, reads a stream: records
are collected for a second, the batching window that the shop asks for, and looked for twice a second.
"""

AT_MOST_S: Final = 10.0
"""Analytics and recommendations follow within that; who invokes on his own goes on anyway."""

LOOK_S: Final = 0.25


class UsageLooks:
    """`before` and `after` a load, as `look` tells it every `look_s`; None where the engine has no such route, or does
    not answer.
    """

    def __init__(
        self, look: Look, quiet_s: float = QUIET_S, at_most_s: float = AT_MOST_S, look_s: float = LOOK_S
    ) -> None:
        self._look = look
        self._quiet_s = quiet_s
        self._at_most_s = at_most_s
        self._look_s = look_s
        self.before: Mapping[str, Any] | None = None
        self.after: Mapping[str, Any] | None = None

    def begin(self) -> None:
        """Look for the first time."""
        self.before = self._look()

    def end(self, happened: Event) -> None:
        """Wait until no function was invoked for a while, and look again; a look without an answer is tried again, as
        long as there is time. Without a second look if `happened` is set meanwhile: then it was not waited for.
        """
        if self.before is None:
            return
        deadline = time.monotonic() + self._at_most_s
        seen, since = None, inf
        while not happened.wait(self._look_s):
            now = self._look()
            if now is not None and (seen is None or _invocations(now) != _invocations(seen)):
                seen, since = now, time.monotonic()
            if time.monotonic() > deadline or (now is not None and time.monotonic() - since >= self._quiet_s):
                self.after = now
                return

    def missing(self) -> str | None:
        """Why nobody can say what the load used, once it has ended; None where that is known, and of an engine that
        counts nothing.
        """
        if self.before is None:
            return None
        if self.after is None:
            return "the engine was not asked, or did not answer, when the load's work was done"
        if self.before.get("since") != self.after.get("since"):
            return "the engine began to count anew during the run (a reset, or a restart)"
        return None


def _invocations(usage: Mapping[str, Any]) -> Any:
    return usage.get("lambda")
