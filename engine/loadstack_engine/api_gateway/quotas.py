"""Quotas of usage plans: so many requests of a key in a day, a week or a month (UTC)."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

Scope = tuple[str, ...]


def start_of(period: str, now: datetime) -> date:
    """The day on which the running period began: ``DAY``, ``WEEK`` (from Sunday) or ``MONTH``."""
    today = now.date()
    if period == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7)
    return today.replace(day=1) if period == "MONTH" else today


class Quotas:
    """Counts by scope in the running period. Thread-safe. ``clock`` gives the time in UTC."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[Scope, tuple[date, int]] = {}

    def count(self, scope: Scope, quota: Mapping[str, Any]) -> bool:
        """Whether the request is within ``limit``; in the first period that is seen ``offset`` are gone already."""
        start = start_of(quota.get("period") or "DAY", self._clock())
        with self._lock:
            since, used = self._counts.get(scope, (start, int(quota.get("offset") or 0)))
            if since != start:
                used = 0
            within = used < int(quota["limit"])
            self._counts[scope] = (start, used + within)
        return within

    def clear(self) -> None:
        """Nothing is used up."""
        with self._lock:
            self._counts.clear()


QUOTAS = Quotas()
