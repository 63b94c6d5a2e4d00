"""The counters: amounts by their way to where they stand in the answer."""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from loadstack_engine.settings import SETTINGS

type Place = tuple[str, ...]


class Meter:
    """Thread-safe; an addition takes about a microsecond, and nothing where it is not ``on``.

    A place is a section, names and a figure: ``("sqs", "payments", "poller", "ReceiveMessage")``. No place is the
    beginning of another.
    """

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._lock = threading.Lock()
        self._amounts: defaultdict[Place, float] = defaultdict(int)
        self.since = datetime.now(UTC)

    def add(self, place: Place, amount: float = 1) -> None:
        if self._on:
            with self._lock:
                self._amounts[place] += amount

    def add_all(self, amounts: Iterable[tuple[Place, float]]) -> None:
        """Amounts that are made one by one are made only where they are counted."""
        if self._on:
            with self._lock:
                for place, amount in amounts:
                    self._amounts[place] += amount

    def newest(self, place: Place, value: float) -> None:
        """A figure that is no sum."""
        if self._on:
            with self._lock:
                self._amounts[place] = value

    def most(self, place: Place, value: float) -> None:
        """One that is the most there was."""
        if self._on:
            with self._lock:
                self._amounts[place] = max(self._amounts[place], value)

    def clear(self) -> None:
        with self._lock:
            self._amounts.clear()
            self.since = datetime.now(UTC)

    def as_dict(self) -> dict[str, Any]:
        """Nested by the parts of the places, in order of their names."""
        with self._lock:
            amounts = sorted(self._amounts.items())
        tree: dict[str, Any] = {}
        for place, amount in amounts:
            branch = tree
            for part in place[:-1]:
                branch = branch.setdefault(part, {})
            branch[place[-1]] = amount
        return tree


USAGE = Meter(on=SETTINGS.usage)
