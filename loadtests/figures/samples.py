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
    """Processor seconds of each part between two instants, between samples by straight lines.

    A part that is not known on both sides of an instant is missing, and so is all where there are no samples there.
    """
    before, after = _cpu_s(samples, since), _cpu_s(samples, until)
    return {part: max(0.0, after[part] - before[part]) for part in PARTS if part in before and part in after}


def _cpu_s(samples: Sequence[Sample], at: float) -> dict[str, float]:
    for one, other in pairwise(samples):
        if one.at <= at <= other.at:
            share = (at - one.at) / (other.at - one.at) if other.at > one.at else 0.0
            return {
                part: one.cpu_s[part] + share * (other.cpu_s[part] - one.cpu_s[part])
                for part in one.cpu_s.keys() & other.cpu_s.keys()
            }
    return {}
