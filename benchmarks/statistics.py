"""Medians and their spread over the rounds, and ratios of two contenders."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf

import numpy as np


@dataclass(frozen=True)
class Figure:
    """The median of the rounds, the least and the most of them, and how many rounds gave a value."""

    median: float
    low: float
    high: float
    rounds: int


def percentile(samples: Sequence[float], percent: float) -> float | None:
    """Interpolated linearly; None of no samples, and where it lies among samples that never ended (``inf``)."""
    if not samples:
        return None
    with np.errstate(invalid="ignore"):
        value = float(np.percentile(samples, percent))
    return value if np.isfinite(value) else None


def figure(values: Sequence[float | None]) -> Figure | None:
    """None where no round gave a value."""
    known = [value for value in values if value is not None and not isinf(value)]
    return Figure(statistics.median(known), min(known), max(known), len(known)) if known else None


def ratio(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Figure | None:
    """The ratio of the medians, and the spread of the ratios within each round; None where one side has no value.

    A round that has one side only counts for that side's median alone: what takes long is measured once.
    """
    mine, other = figure(ours), figure(theirs)
    if mine is None or other is None or other.median == 0:
        return None
    median = mine.median / other.median
    pairs = [a / b for a, b in zip(ours, theirs, strict=True) if a is not None and b]
    return Figure(median, min([*pairs, median]), max([*pairs, median]), len(pairs))
