"""A figure of one run, and how far chance within the run may have moved it: a block bootstrap.

What is sent in the same seconds is slow together, so samples are not drawn one by one: the run is cut into slices of
equal time, which are drawn again with replacement (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 8.6).
It is done with 20 slices and with 8, and the larger of the two errors counts: slower waves than a twentieth of the run
show only in the longer slices. What differs between runs shows in neither: see `change`.

Of two runs side by side the same slices are drawn in both, so what was slow in the same seconds in both cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loadtests.compare.samples import Column, Series

type Places = NDArray[np.intp]

SLICES: Final = (20, 8)
DRAWS: Final = 200
FEWEST: Final = 50
SHORTEST_S: Final = 15.0
"""Machines have waves of some seconds: of shorter runs, or fewer samples, one run tells no error."""

FEWEST_OF_A_SHARE: Final = 10
"""Shares of shorter runs have the error of independent samples, from so many on."""

FEWEST_BEYOND: Final = 5
"""A percentile needs so many samples on its far side: p95 needs 100, p99 needs 500."""

FINEST_MS: Final = 0.5
"""Half of the services' stamps, which are whole milliseconds: what takes less counts as so much."""

_SEED: Final = 5
_PER_E: Final = 2000
"""Logarithms are rounded to 1/2000, 0.05 %: the values of a long run stay few."""


@dataclass(frozen=True, slots=True)
class Draws:
    """A figure of one run, a value each time that those of its slices that hold samples (`filled`) were drawn again."""

    filled: tuple[int, ...]
    values: Column

    @property
    def error(self) -> float:
        """The standard error; a bootstrap of few slices is too narrow by √((n-1)/n)."""
        slices = len(self.filled)
        return float(np.std(self.values, ddof=1) * np.sqrt(slices / (slices - 1))) if slices > 1 else float("inf")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of one run: `value` as it is compared (the logarithm of milliseconds or of a rate; a share as it is),
    and its standard error. `error` is None for what one run gives no error of, and for too few samples. `draws`: those
    that the error comes from, for each number of slices.
    """

    value: float
    error: float | None
    draws: tuple[Draws, ...] = field(default=(), compare=False, repr=False)


def error_side_by_side(a: Estimate, b: Estimate) -> float | None:
    """The standard error of B minus A, of runs at the same time. None where one has no error, or has samples in other
    slices than the other.
    """
    if a.error is None or b.error is None or not a.draws:
        return None
    if [each.filled for each in a.draws] != [each.filled for each in b.draws]:
        return None
    return max(Draws(one.filled, other.values - one.values).error for one, other in zip(a.draws, b.draws, strict=True))


def percentiles(series: Series, percents: Sequence[float]) -> list[Estimate | None]:
    """Logarithms of percentiles in milliseconds, None where there is no sample at all.

    They are interpolated between neighbours, so that stamps of whole milliseconds make no steps: the mid-distribution
    quantiles of Y. Ma, M. Genton and E. Parzen, Asymptotic properties of sample quantiles of discrete distributions.
    """
    if not len(series):
        return [None] * len(percents)
    logs = np.round(np.log(np.maximum(series.values, FINEST_MS)) * _PER_E) / _PER_E
    values, places = np.unique(logs, return_inverse=True)
    whole = _quantiles(values, np.bincount(places).astype(float), percents)
    if _is_too_short(series):
        return [Estimate(float(value), None) for value in whole]
    draws = zip(*(_draws(series, values, places, percents, slices) for slices in SLICES), strict=True)
    enough = [len(series) * (1 - percent / 100) >= FEWEST_BEYOND for percent in percents]
    return [
        _estimate(float(value), drawn) if carries else Estimate(float(value), None)
        for value, drawn, carries in zip(whole, draws, enough, strict=True)
    ]


def share(series: Series) -> Estimate | None:
    """How often something happened, 0 to 1. None without any occasion. Of a short run the error is that of independent
    samples: everything failing has to show there, too.
    """
    if not len(series):
        return None
    value = float(np.mean(series.values))
    if _is_too_short(series):
        return Estimate(value, _error_of_few(float(np.sum(series.values)), len(series)))
    draws = []
    for slices in SLICES:
        all_of, some = _by_slice(series, np.ones(len(series)), slices), _by_slice(series, series.values, slices)
        filled = np.flatnonzero(all_of)
        drawn = _drawn(len(filled))
        draws.append(Draws(tuple(filled), drawn @ some[filled] / (drawn @ all_of[filled])))
    return _estimate(value, draws)


def _error_of_few(happened: float, count: int) -> float | None:
    """With one more that happened and one that did not (A. Agresti and B. Caffo, Simple and effective confidence
    intervals for proportions and differences of proportions, 2000): none or all of few is not certain.
    """
    if count < FEWEST_OF_A_SHARE:
        return None
    value = (happened + 1) / (count + 2)
    return float(np.sqrt(value * (1 - value) / (count + 2)))


def rate(series: Series) -> Estimate | None:
    """The logarithm of so many a second. None where nothing happened."""
    if not len(series):
        return None
    value = float(np.log(len(series) / series.seconds))
    if _is_too_short(series):
        return Estimate(value, None)
    draws = []
    for slices in SLICES:
        counts = _by_slice(series, np.ones(len(series)), slices)
        draws.append(Draws(tuple(range(slices)), np.log(np.maximum(_drawn(slices) @ counts, 0.5))))
    return _estimate(value, draws)


def _estimate(value: float, draws: Sequence[Draws]) -> Estimate:
    error = max(each.error for each in draws)
    return Estimate(value, error, tuple(draws)) if np.isfinite(error) else Estimate(value, None)


def _is_too_short(series: Series) -> bool:
    return len(series) < FEWEST or series.seconds < SHORTEST_S


def _draws(series: Series, values: Column, places: Places, percents: Sequence[float], slices: int) -> list[Draws]:
    """For each percentile."""
    counts = np.zeros((slices, len(values)))
    np.add.at(counts, (_slice_of(series, slices), places), 1)
    filled = np.flatnonzero(counts.any(axis=1))
    drawn = np.array([_quantiles(values, weights @ counts[filled], percents) for weights in _drawn(len(filled))])
    return [Draws(tuple(filled), column) for column in drawn.T]


def _quantiles(values: Column, counts: Column, percents: Sequence[float]) -> Column:
    there = counts > 0
    kept = counts[there]
    middles = (np.cumsum(kept) - kept / 2) / kept.sum()
    found: Column = np.interp(np.asarray(percents) / 100, middles, values[there])
    return found


def _slice_of(series: Series, slices: int) -> Places:
    edges = np.linspace(0, series.seconds, slices + 1)[1:-1]
    places: Places = np.digitize(series.at, edges)
    return places


def _by_slice(series: Series, weights: Column, slices: int) -> Column:
    sums: Column = np.bincount(_slice_of(series, slices), weights, slices)
    return sums


def _drawn(slices: int) -> Column:
    """How often each slice is drawn, a row a draw; the same for the same number of slices."""
    weights = np.random.default_rng(_SEED).multinomial(slices, [1 / slices] * slices, size=DRAWS)
    return weights.astype(float)
