"""Percentiles of our own samples.

Locust keeps its response times rounded (to two digits above 100 ms) in a histogram, which is right for its
live table and too coarse for a verdict; the report is computed from every single sample instead.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np


class Latency(TypedDict):
    """`count` samples in milliseconds; every other figure is None where there are none."""

    count: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def latency(samples_ms: Sequence[float]) -> Latency:
    """Summarise samples of milliseconds, interpolating linearly between neighbours (numpy's default).

    No sample: count 0 and None throughout, never 0 ms. One sample: it is all the percentiles.
    """
    if not samples_ms:
        return Latency(count=0, p50_ms=None, p90_ms=None, p95_ms=None, p99_ms=None, max_ms=None)
    p50, p90, p95, p99, top = (round(float(v), 1) for v in np.percentile(samples_ms, (50, 90, 95, 99, 100)))
    return Latency(count=len(samples_ms), p50_ms=p50, p90_ms=p90, p95_ms=p95, p99_ms=p99, max_ms=top)
