"""How far a median may lie off by chance: its spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLICES: Final = 20
DRAWS: Final = 1_000
FEWEST: Final = 20
_SEED: Final = 5
_PERCENTS: Final = (2.5, 97.5)


def of_median(samples: Sequence[tuple[float, float]]) -> list[float] | None:
    """The range that holds 95 % of the medians of a block bootstrap: `[low, high]` in milliseconds. Samples are
    `(when, milliseconds)`.

    The run is cut into up to 20 slices of equal time, of which as many are drawn again, with replacement, a
    thousand times (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 8.6). Slices, not samples: what
    is sent in the same second is slow together. Draws are the same for the same samples. None for fewer than 20
    samples, or where fewer than two slices have any.
    """
    if len(samples) < FEWEST:
        return None
    moments, samples_ms = np.asarray(samples, dtype=float).T
    edges = np.linspace(moments.min(), moments.max(), SLICES + 1)[1:-1]
    slices = np.digitize(moments, edges)
    values, places = np.unique(samples_ms.round(1), return_inverse=True)
    counts = np.zeros((SLICES, len(values)))
    np.add.at(counts, (slices, places), 1)
    filled = counts[counts.any(axis=1)]
    if len(filled) < 2:
        return None
    drawn = np.random.default_rng(_SEED).multinomial(len(filled), [1 / len(filled)] * len(filled), size=DRAWS)
    medians = [_median(values, weights @ filled) for weights in drawn]
    low, high = np.percentile(medians, _PERCENTS)
    return [round(float(low), 1), round(float(high), 1)]


def _median(values: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    reached = np.cumsum(counts)
    return float(values[np.searchsorted(reached, reached[-1] / 2)])
