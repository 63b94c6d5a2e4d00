"""Arrivals at instants that somebody has written down: an order log's."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from loadtests.arrivals.schedule import ALL, Pattern, Share, Window

WINDOWS: Final = 12
LEAST_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """`instants` are seconds from the start of the measured window, ascending, within `duration_s`. No warm-up."""

    instants: tuple[float, ...]
    duration_s: float

    @property
    def peak(self) -> float:
        """The most that arrive within any second."""
        return max(bisect_left(self.instants, at + 1.0) - number for number, at in enumerate(self.instants))

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.instants)

    def windows(self) -> Iterator[Window]:
        """The run in equal parts, each with its mean rate, which may be 0: at most 12, of 10 s at least."""
        parts = max(1, min(WINDOWS, int(self.duration_s / LEAST_S)))
        edges = [*(self.duration_s * part / parts for part in range(parts)), self.duration_s]
        for from_s, to_s in pairwise(edges):
            count = bisect_left(self.instants, to_s) - bisect_left(self.instants, from_s)
            yield Window(from_s, to_s, count / (to_s - from_s))

    def offsets(
        self, pattern: Pattern = "even", *, warmup_s: float = 0.0, share: Share = ALL, seed: int = 0
    ) -> Iterator[float]:
        """The share's instants, as they are: nothing is spaced, warmed up or left to chance here."""
        return iter(self.instants[share.index :: share.of])
