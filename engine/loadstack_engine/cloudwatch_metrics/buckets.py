"""Values of one metric in one span of time, with their distribution."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping

# More different values than PutMetricData takes at once are kept by three significant digits: 0.5 % off at most.
_EXACT_VALUES = 150


class Bucket:
    """Count, sum, minimum and maximum are exact; so is the distribution of up to 150 different values.

    A statistic set (PutMetricData's ``StatisticValues``) has no distribution, unless all its values are the same: a
    bucket that holds one has none either, as on AWS.
    """

    __slots__ = ("_known", "_values", "count", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.minimum = float("inf")
        self.maximum = float("-inf")
        self._known = True
        # Values, and how often each: a tenth of what a dict takes. While all are the same, minimum and count say it.
        self._values: tuple[array[float], array[float]] | None = None

    def add(self, counts: Mapping[float, float]) -> None:
        """Take values by how often each occurred."""
        counts = {value: count for value, count in counts.items() if count > 0}
        if counts:
            self._count_values(counts, _EXACT_VALUES)
            total = sum(value * count for value, count in counts.items())
            self._tally(sum(counts.values()), total, min(counts), max(counts))

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Take a statistic set."""
        if count > 0:
            self._count_values({minimum: count} if minimum == maximum else None, _EXACT_VALUES)
            self._tally(count, total, minimum, maximum)

    def merge(self, others: Iterable["Bucket"], exact_values: float = _EXACT_VALUES) -> None:
        """Take all of others; more than so many different values are kept by three significant digits."""
        others = [other for other in others if other.count]
        if not others:
            return
        counts: defaultdict[float, float] = defaultdict(float)
        for other in others:
            for value, count in (other.distribution() or {}).items():
                counts[value] += count
        self._count_values(counts if all(other._known for other in others) else None, exact_values)
        for other in others:
            self._tally(other.count, other.total, other.minimum, other.maximum)

    def distribution(self) -> dict[float, float] | None:
        """How often each value occurred; None where it is not known."""
        if not self._known:
            return None
        if self._values is None:
            return {self.minimum: self.count} if self.count else {}
        return dict(zip(*self._values, strict=True))

    def _count_values(self, counts: Mapping[float, float] | None, exact_values: float) -> None:
        """Before ``_tally``; None is what has no distribution."""
        before = self.distribution()
        if counts is None or before is None:
            self._known, self._values = False, None
            return
        for value, count in counts.items():
            before[value] = before.get(value, 0) + count
        if len(before) > exact_values:
            before = _rounded(before)
        if len(before) > 1 or self._values is not None:
            self._values = array("d", before), array("d", before.values())

    def _tally(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)


def _rounded(counts: Mapping[float, float]) -> dict[float, float]:
    rounded: dict[float, float] = {}
    for value, count in counts.items():
        short = float(f"{value:.3g}")
        rounded[short] = rounded.get(short, 0) + count
    return rounded
