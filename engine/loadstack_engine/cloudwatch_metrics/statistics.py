"""CloudWatch's statistics of a bucket, by their names: ``Sum``, ``p99``, ``tm95``, ``PR(:300)``, ``TC(2%:98%)``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache

from loadstack_engine.cloudwatch_metrics.buckets import Bucket

type Values = list[tuple[float, float]]
"""Values in order, each with how often it occurred."""

type Statistic = Callable[[Bucket], float | None]
"""None: there is no such statistic of this bucket."""

SIMPLE: dict[str, Statistic] = {
    "SampleCount": lambda bucket: bucket.count,
    "Sum": lambda bucket: bucket.total,
    "Average": lambda bucket: bucket.total / bucket.count,
    "Minimum": lambda bucket: bucket.minimum,
    "Maximum": lambda bucket: bucket.maximum,
}

_NUMBER = r"\d+(?:\.\d+)?"
_SHORT = re.compile(rf"(p|tm|wm|tc|ts)({_NUMBER})", re.IGNORECASE)
_RANGE = re.compile(rf"(tm|wm|tc|ts|pr)\(({_NUMBER})?(%?):({_NUMBER})?(%?)\)", re.IGNORECASE)
_HUNDRED = 100.0


@lru_cache(maxsize=1024)
def parse(name: str) -> Statistic | None:
    """The statistic of that name; None if there is none."""
    if name in SIMPLE:
        return SIMPLE[name]
    if name.upper() == "IQM":
        return _of_values(_between_percentiles("tm", 25, 75))
    if match := _SHORT.fullmatch(name):
        kind, percent = match[1].lower(), float(match[2])
        if percent > _HUNDRED:
            return None
        if kind == "p":
            return _of_values(lambda values: _percentile(values, percent))
        return _of_values(_between_percentiles(kind, 0, percent))
    if match := _RANGE.fullmatch(name):
        return _range(*match.groups())
    return None


def _range(kind: str, low: str | None, low_percent: str, high: str | None, high_percent: str) -> Statistic | None:
    kind = kind.lower()
    if low is None and high is None:
        return None
    in_percent = bool(high_percent if low is None else low_percent)
    if low is not None and high is not None and bool(low_percent) != bool(high_percent):
        return None
    if not in_percent:
        limits = (-math.inf if low is None else float(low), math.inf if high is None else float(high))
        return _of_values(_between_values(kind, *limits)) if limits[0] < limits[1] else None
    limits = (float(low or 0), float(high or _HUNDRED))
    if kind == "pr" or not limits[0] < limits[1] <= _HUNDRED:
        return None
    return _of_values(_between_percentiles(kind, *limits))


def _of_values(compute: Callable[[Values], float | None]) -> Statistic:
    def statistic(bucket: Bucket) -> float | None:
        counts = bucket.distribution()
        return compute(sorted(counts.items())) if counts else None

    return statistic


def _count(values: Values) -> float:
    return sum(count for _, count in values)


def _percentile(values: Values, percent: float) -> float:
    """Nearest rank."""
    rank: float = max(1, math.ceil(round(_count(values) * percent / _HUNDRED, 6)))
    for value, count in values:
        rank -= count
        if rank <= 0:
            return value
    return values[-1][0]


def _between_percentiles(kind: str, low: float, high: float) -> Callable[[Values], float | None]:
    """Of the values by rank: those after the low percentile's rank, up to the high one's."""

    def compute(values: Values) -> float | None:
        total = _count(values)
        first = math.ceil(round(total * low / _HUNDRED, 6))
        last = max(first + 1, math.ceil(round(total * high / _HUNDRED, 6)))
        kept: Values = []
        seen = 0.0
        for value, count in values:
            inside = min(seen + count, last) - max(seen, first)
            seen += count
            if inside > 0:
                kept.append((value, inside))
        return _reduce(kind, kept, first, total - last)

    return compute


def _between_values(kind: str, low: float, high: float) -> Callable[[Values], float | None]:
    """Of the values above ``low``, up to ``high``."""

    def compute(values: Values) -> float | None:
        kept = [(value, count) for value, count in values if low < value <= high]
        below = _count([entry for entry in values if entry[0] <= low])
        above = _count([entry for entry in values if entry[0] > high])
        if kind == "wm":
            # What lies outside counts as the limit that it passes.
            clamped = [(min(max(value, low), high), count) for value, count in values]
            return _reduce("tm", clamped, 0, 0)
        return _reduce(kind, kept, below, above)

    return compute


def _reduce(kind: str, kept: Values, below: float, above: float) -> float | None:
    count, total = _count(kept), sum(value * times for value, times in kept)
    match kind:
        case "tc":
            return count
        case "ts":
            return total
        case "pr":
            return _HUNDRED * count / (count + below + above)
        case "wm" if kept:
            return (total + below * kept[0][0] + above * kept[-1][0]) / (count + below + above)
        case "tm" if kept:
            return total / count
    return None
