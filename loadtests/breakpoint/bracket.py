"""Which rate to try next, from what was tried: growth until one breaks, then bisection between kept and broken.

Rates grow geometrically, and a bracket is bisected at its geometric mean: precision is a ratio, and two searches from
the same first rate try the same rates. One bad moment of the machine must not decide: what broke once is tried again
when nothing is left between it and the highest rate that was kept (later, so in another moment), and counts as broken
only if it breaks each of three times, from a stack that was back. Kept then, the search goes on above it. That a rate
is kept counts at once: an overload does not look well for a whole step by chance. What broke below a rate that was kept
was such a moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

GROWTH: Final = 2.0
LOWEST: Final = 1 / 16
"""Of the first rate: if not even that is kept, the search gives up."""

TRIES: Final = 3
"""How often a rate has to break. Where one step in ten breaks by chance and the limit is sharp, two searches are within
15 % of each other in 98 of 100 pairs; with two tries it is 88. Beyond a soft limit each rate has three chances to be
kept: `tests/loadtests/test_bracket.py` simulates how far that makes two searches differ.
"""


class Try(NamedTuple):
    """A rate (arrivals a second), and whether it kept the SLO. `fair`: the stack was back from the step before it."""

    rate: float
    kept: bool
    fair: bool = True


class Bracket(NamedTuple):
    """The highest rate that was kept and the lowest above it that broke; None where there is none (yet)."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a search begins, how far it goes, and how wide its bracket may be in the end: `precision` 0.1 is a `high`
    10 % above `low`. `least`: no rate below it is tried.
    """

    first: float
    most: float
    precision: float
    least: float = 0.0


def bracket(tries: Sequence[Try]) -> Bracket:
    """What is known."""
    low = max((each.rate for each in tries if each.kept), default=None)
    broken = [each.rate for each in tries if not each.kept and (low is None or each.rate > low)]
    return Bracket(low, min(broken, default=None))


def next_rate(bounds: Bounds, tries: Sequence[Try]) -> float | None:
    """The rate to try now; None: all that can be known is known."""
    low, high = bracket(tries)
    if high is None:
        return _above(low, bounds)
    between = _below(high, bounds) if low is None else _between(low, high, bounds)
    if between is not None:
        return between
    broke = sum(each == Try(high, kept=False, fair=True) for each in tries)
    return high if broke < TRIES else None


def neat(rate: float) -> float:
    """The rate with three digits, as it is told and typed."""
    return float(f"{rate:.3g}")


def _above(low: float | None, bounds: Bounds) -> float | None:
    if low is None:
        return bounds.first
    return None if low >= bounds.most else min(neat(low * GROWTH), bounds.most)


def _below(high: float, bounds: Bounds) -> float | None:
    lowest = max(neat(bounds.first * LOWEST), bounds.least)
    return max(neat(high / GROWTH), lowest) if high > lowest else None


def _between(low: float, high: float, bounds: Bounds) -> float | None:
    """None where the bracket is narrow enough, or so narrow that three digits do not tell its middle from its ends."""
    middle = neat(math.sqrt(low * high))
    return middle if high > low * (1 + bounds.precision) and low < middle < high else None
