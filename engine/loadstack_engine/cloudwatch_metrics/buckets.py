"""Values of one metric in one span of time, with their distribution."""

from collections.abc import Mapping

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
        self._values: dict[float, float] | None = None  # while all are the same, minimum and count say it

    def add(self, counts: Mapping[float, float]) -> None:
        """Take values by how often each occurred."""
        counts = {value: count for value, count in counts.items() if count > 0}
        if counts:
            self._count_values(counts)
            total = sum(value * count for value, count in counts.items())
            self._tally(sum(counts.values()), total, min(counts), max(counts))
            self._bound()

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Take a statistic set."""
        if count > 0:
            self._count_values({minimum: count} if minimum == maximum else None)
            self._tally(count, total, minimum, maximum)

    def merge(self, other: "Bucket", *, bound: bool = True) -> None:
        """Take all of another one; its values as they are if not ``bound``."""
        if other.count:
            self._count_values(other.distribution())
            self._tally(other.count, other.total, other.minimum, other.maximum)
        if bound:
            self._bound()

    def distribution(self) -> Mapping[float, float] | None:
        """How often each value occurred; None where it is not known."""
        if not self._known:
            return None
        if self._values is None:
            return {self.minimum: self.count} if self.count else {}
        return self._values

    def _count_values(self, counts: Mapping[float, float] | None) -> None:
        """Before ``_tally``; None is what has no distribution."""
        if counts is None or not self._known:
            self._known, self._values = False, None
            return
        if self._values is None:
            if len(counts) == 1 and (not self.count or self.minimum in counts):
                return
            self._values = {self.minimum: self.count} if self.count else {}
        for value, count in counts.items():
            self._values[value] = self._values.get(value, 0) + count

    def _tally(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)

    def _bound(self) -> None:
        if self._values is None or len(self._values) <= _EXACT_VALUES:
            return
        rounded: dict[float, float] = {}
        for value, count in self._values.items():
            short = float(f"{value:.3g}")
            rounded[short] = rounded.get(short, 0) + count
        self._values = rounded
