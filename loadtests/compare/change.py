"""By how much a figure changed from the runs A to the runs B, and how sure that is.

One run each: the error is that of chance within the two runs (`bootstrap`), with as many degrees of freedom as its
longest slices leave. Several runs: the runs themselves are what is drawn again, whole, as the slices of one long run
would be (A. Davison and D. Hinkley, Bootstrap Methods and their Application, 3.8: of clustered data only the clusters
are drawn). For means of runs that needs no drawing: the error is the pooled deviation of runs from the mean of their
side, with Student's t for how few they are, and never smaller than chance within the runs alone.

One run each side by side: the error is that of the differences between the same slices of both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from loadtests.compare import student
from loadtests.compare.bootstrap import SLICES, Estimate, error_side_by_side

CHANCE: Final = 0.05
"""Intervals hold 95 %."""

_FREEDOM_OF_A_RUN: Final = min(SLICES) - 1


@dataclass(frozen=True, slots=True)
class Change:
    """B minus A, of what is compared: logarithms or shares. `error` is None where nothing tells of it."""

    value: float
    error: float | None
    freedom: int

    def interval(self) -> tuple[float, float] | None:
        """What holds the true change with 95 %."""
        if self.error is None:
            return None
        reach = self.error * student.quantile(CHANCE, self.freedom) if self.error else 0.0
        return self.value - reach, self.value + reach

    def probability(self, value: float) -> float | None:
        """Of a change as large as `value`, up or down, by chance alone."""
        if self.error is None:
            return None
        if not self.error:
            return 1.0 if not value else 0.0
        return student.two_sided(value / self.error, self.freedom)

    def cautious(self, machine: float | None) -> float:
        """The smaller of the change as measured, and of the change if the machine's own is taken off; 0 where they
        contradict each other. `machine`: by how much its speed changed, as a logarithm; None: not known.
        """
        corrected = self.value - (machine or 0.0)
        return 0.0 if corrected * self.value <= 0 else min(self.value, corrected, key=abs)


def between(a: Sequence[Estimate], b: Sequence[Estimate], *, side_by_side: bool = False) -> Change:
    """The change from the runs `a` to the runs `b`, one or more each; `side_by_side`: one each, at the same time."""
    value = fmean(each.value for each in b) - fmean(each.value for each in a)
    within = _within(a, b)
    freedom = len(a) + len(b) - 2
    if side_by_side and (error := error_side_by_side(a[0], b[0])) is not None:
        return Change(value, error, _FREEDOM_OF_A_RUN)
    if freedom == 0:
        return Change(value, None if within is None else math.sqrt(within), 2 * _FREEDOM_OF_A_RUN)
    pooled = sum((each.value - fmean(run.value for run in side)) ** 2 for side in (a, b) for each in side) / freedom
    return Change(value, math.sqrt(max(pooled * (1 / len(a) + 1 / len(b)), within or 0.0)), freedom)


def _within(a: Sequence[Estimate], b: Sequence[Estimate]) -> float | None:
    """The variance of the change by chance within the runs."""
    errors = [(each.error, len(side)) for side in (a, b) for each in side]
    known = [(error / count) ** 2 for error, count in errors if error is not None]
    return sum(known) if len(known) == len(errors) else None


def holm[Key](probabilities: Mapping[Key, float], chance: float = CHANCE) -> set[Key]:
    """Which of several claims stand, if none of them all is to be wrong but for `chance` (S. Holm, A simple
    sequentially rejective multiple test procedure, 1979).
    """
    standing: set[Key] = set()
    for number, key in enumerate(sorted(probabilities, key=lambda each: probabilities[each])):
        if probabilities[key] > chance / (len(probabilities) - number):
            break
        standing.add(key)
    return standing
