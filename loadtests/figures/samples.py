"""Picking from the samples of a run, which come about one a second."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from loadtests.looks import PARTS, Sample


def within(samples: Sequence[Sample], since: float, until: float) -> list[Sample]:
    """Those in `(since, until]`: what a sample counts lies before it."""
    return [sample for sample in samples if since < sample.at <= until]


def at_instant(samples: Sequence[Sample], at: float) -> Sample | None:
    """The one nearest to that instant; None without any."""
    return min(samples, key=lambda sample: abs(sample.at - at), default=None)


def growth(samples: Sequence[Sample], since: float, until: float) -> dict[str, float]:
    """Processor seconds of each part between two instants, between its samples by straight lines.

    A part without a sample before the one or after the other is missing.
    """
    found: dict[str, float] = {}
    for part in PARTS:
        seen = [(sample.at, sample.cpu_s[part]) for sample in samples if part in sample.cpu_s]
        before, after = _between(seen, since), _between(seen, until)
        if before is not None and after is not None:
            found[part] = max(0.0, after - before)
    return found


def _between(seen: Sequence[tuple[float, float]], at: float) -> float | None:
    for (left, low), (right, high) in pairwise(seen):
        if left <= at <= right:
            return low + (high - low) * ((at - left) / (right - left) if right > left else 0.0)
    return None
