"""Percentiles of our own samples, by HDR histograms.

Locust keeps its response times rounded (to two digits above 100 ms) in a histogram, which is right for its
live table and too coarse for a verdict.
"""

from collections.abc import Iterable
from typing import Final, TypedDict

from hdrh.histogram import HdrHistogram

HIGHEST_US: Final = 24 * 3600 * 1_000_000
_PERCENTS: Final = (50.0, 90.0, 95.0, 99.0, 100.0)


class Latency(TypedDict):
    """`count` samples in milliseconds; every other figure is None where there are none."""

    count: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def new_histogram() -> HdrHistogram:
    """An empty one: microseconds up to a day, three significant digits, about 220 kB."""
    return HdrHistogram(1, HIGHEST_US, 3)


def record(histogram: HdrHistogram, ms: float) -> None:
    """Enter one sample; a negative one (clocks that differ) counts as 0, one above a day as a day."""
    histogram.record_value(min(max(0, round(ms * 1000)), HIGHEST_US))


def latency(samples_ms: Iterable[float]) -> Latency:
    """Summarise samples of milliseconds.

    A percentile is the sample of the nearest rank, at most 0.1 % too high. No sample: count 0 and None
    throughout, never 0 ms. One sample: it is all the percentiles.
    """
    histogram = new_histogram()
    for sample in samples_ms:
        record(histogram, sample)
    return latency_of(histogram)


def latency_of(histogram: HdrHistogram | None) -> Latency:
    """The same of a histogram of microseconds."""
    if histogram is None or not histogram.get_total_count():
        return Latency(count=0, p50_ms=None, p90_ms=None, p95_ms=None, p99_ms=None, max_ms=None)
    values = histogram.get_percentile_to_value_dict(list(_PERCENTS))
    p50, p90, p95, p99, top = (values[percent] / 1000 for percent in _PERCENTS)
    count = int(histogram.get_total_count())
    return Latency(count=count, p50_ms=p50, p90_ms=p90, p95_ms=p95, p99_ms=p99, max_ms=top)
