"""Keeps metrics in memory with their distribution, in the place of LocalStack's SQLite file.

That one opens the file and commits for each value, and drops the distribution of what came as a statistic set. Data
is kept by the second for five minutes (of high-resolution metrics for three hours, as on AWS), then by the minute for
15 days: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
"""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from localstack.aws.api.cloudwatch import InvalidParameterValueException, MetricData, MetricDataQuery, ScanBy

from loadstack_engine.cloudwatch_metrics.buckets import Bucket
from loadstack_engine.cloudwatch_metrics.statistics import parse

_MINUTE_S = 60
_BY_SECOND_S = 5 * _MINUTE_S
_BY_SECOND_HIGH_RESOLUTION_S = 180 * _MINUTE_S
_BY_MINUTE_S = 15 * 24 * 60 * _MINUTE_S
_NO_UNIT = "NULL_VALUE"  # as LocalStack's provider calls it

type Dimensions = tuple[tuple[str, str], ...]
type MetricKey = tuple[str, str, str, str]
"""Account, region, namespace, metric."""


class SeriesData:
    """The buckets of one metric with one set of dimensions and one unit, by the second that each begins with."""

    def __init__(self) -> None:
        self.seconds: dict[int, Bucket] = {}
        self.minutes: dict[int, Bucket] = {}
        self.high_resolution = False
        self._folded_at = 0

    def bucket(self, second: int, now: int) -> Bucket:
        """Where values of this second go."""
        if now - self._folded_at >= _MINUTE_S:
            self._folded_at = now
            self._fold(now)
        buckets, start = (self.seconds, second) if second > now - self._kept_s() else (self.minutes, _floor(second))
        if start not in buckets:
            buckets[start] = Bucket()
        return buckets[start]

    def between(self, start: int, end: int) -> Iterator[tuple[int, Bucket]]:
        """Those that begin in [start, end)."""
        for buckets in (self.seconds, self.minutes):
            if end - start < len(buckets):
                yield from ((at, buckets[at]) for at in range(start, end) if at in buckets)
            else:
                yield from ((at, bucket) for at, bucket in buckets.items() if start <= at < end)

    def _kept_s(self) -> int:
        return _BY_SECOND_HIGH_RESOLUTION_S if self.high_resolution else _BY_SECOND_S

    def _fold(self, now: int) -> None:
        for second in [at for at in self.seconds if at <= now - self._kept_s()]:
            minute = _floor(second)
            if minute not in self.minutes:
                self.minutes[minute] = Bucket()
            self.minutes[minute].merge([self.seconds.pop(second)])
        for minute in [at for at in self.minutes if at <= now - _BY_MINUTE_S]:
            del self.minutes[minute]


class MetricStore:
    """What LocalStack's provider asks its ``CloudwatchDatabase``. Thread-safe.

    Dimensions select exactly the series that has these and no others, as on AWS.
    """

    CLOUDWATCH_DATA_ROOT = ""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._metrics: defaultdict[MetricKey, dict[tuple[Dimensions, str], SeriesData]] = defaultdict(dict)

    def add_metric_data(self, account_id: str, region: str, namespace: str, metric_data: MetricData) -> None:
        now = int(time.time())
        with self._lock:
            for datum in metric_data:
                second = int(at.timestamp()) if (at := datum.get("Timestamp")) else now
                metric = self._metrics[account_id, region, namespace, datum["MetricName"]]
                key = _dimensions(datum.get("Dimensions")), datum.get("Unit") or _NO_UNIT
                series = metric.setdefault(key, SeriesData())
                series.high_resolution |= datum.get("StorageResolution") == 1
                _fill(series.bucket(second, now), datum)

    def count_custom_metrics(self) -> int:
        """Metrics with their dimensions that are not AWS's own services'."""
        with self._lock:
            return sum(
                len({dimensions for dimensions, _ in metric})
                for key, metric in self._metrics.items()
                if not key[2].startswith("AWS/")
            )

    def get_units_for_metric_data_stat(
        self, account_id: str, region: str, start_time: datetime, end_time: datetime, metric_name: str, namespace: str
    ) -> list[str]:
        """The units that the metric has with any dimensions."""
        with self._lock:
            metric = self._metrics.get((account_id, region, namespace, metric_name), {})
            return sorted({unit for _, unit in metric}) or [_NO_UNIT]

    def get_metric_data_stat(
        self,
        account_id: str,
        region: str,
        query: MetricDataQuery,
        start_time: datetime,
        end_time: datetime,
        scan_by: str | None,
    ) -> dict[str, list[Any]]:
        """Timestamps (seconds since 1970) and values of one statistic, a pair for each period with such a value.

        Raises:
            InvalidParameterValueException: there is no such statistic.
        """
        wanted = query["MetricStat"]
        compute = parse(wanted["Stat"])
        if compute is None:
            raise InvalidParameterValueException(f"The value {wanted['Stat']} for parameter Stat is not supported.")
        period = wanted["Period"]
        start = int(start_time.timestamp())
        start -= start % min(period, _MINUTE_S)  # as AWS rounds it
        buckets = self._periods(account_id, region, wanted, range(start, int(end_time.timestamp()), period))
        found = [(at, value) for at, bucket in sorted(buckets.items()) if (value := compute(bucket)) is not None]
        if scan_by is None or scan_by == ScanBy.TimestampDescending:
            found.reverse()
        return {"timestamps": [at for at, _ in found], "values": [value for _, value in found]}

    def _periods(self, account_id: str, region: str, wanted: Any, starts: range) -> dict[int, Bucket]:
        """What there is, by the beginning of its period. The last period ends with the range."""
        metric, unit = wanted["Metric"], wanted.get("Unit")
        dimensions = _dimensions(metric.get("Dimensions"))
        found: defaultdict[int, list[Bucket]] = defaultdict(list)
        with self._lock:
            series = self._metrics.get((account_id, region, metric.get("Namespace"), metric.get("MetricName")), {})
            for (its_dimensions, its_unit), data in series.items():
                if its_dimensions == dimensions and unit in (None, its_unit):
                    for at, bucket in data.between(starts.start, starts.stop):
                        found[at - (at - starts.start) % starts.step].append(bucket)
            merged = {at: Bucket() for at in found}
            for at, buckets in found.items():
                merged[at].merge(buckets, math.inf)
        return merged

    def list_metrics(
        self, account_id: str, region: str, namespace: str, metric_name: str, dimensions: list[dict[str, str]]
    ) -> dict[str, Any]:
        """Metrics that have all these dimensions, whatever their value where none is given."""
        found = {}
        with self._lock:
            for (its_account, its_region, its_namespace, its_name), series in self._metrics.items():
                if (its_account, its_region) != (account_id, region):
                    continue
                if namespace not in (None, "", its_namespace) or metric_name not in (None, "", its_name):
                    continue
                for its_dimensions, _ in series:
                    if _has(dict(its_dimensions), dimensions):
                        found[its_namespace, its_name, its_dimensions] = {
                            "metric_name": its_name,
                            "namespace": its_namespace,
                            "dimensions": [{"Name": name, "Value": value} for name, value in its_dimensions],
                        }
        return {"metrics": list(found.values())}

    def clear_tables(self) -> None:
        """Forget all data."""
        with self._lock:
            self._metrics.clear()

    def get_all_metric_data(self) -> list[dict[str, Any]]:
        """Every value of ``/_aws/cloudwatch/metrics/raw``: one entry for each different value of a second."""
        with self._lock:
            return [
                {"ns": namespace, "n": name, "v": value, "t": at, "d": _as_text(dimensions)}
                | {"account": account_id, "region": region}
                for (account_id, region, namespace, name), series in self._metrics.items()
                for (dimensions, _), data in series.items()
                for at, bucket in [*data.minutes.items(), *data.seconds.items()]
                for value in bucket.distribution() or ()
            ]


def _fill(bucket: Bucket, datum: Any) -> None:
    if datum.get("Value") is not None:
        bucket.add({datum["Value"]: 1})
    elif values := datum.get("Values"):
        counts: defaultdict[float, float] = defaultdict(float)
        for value, count in zip(values, datum.get("Counts") or [1] * len(values), strict=True):
            counts[value] += count
        bucket.add(counts)
    elif statistics := datum.get("StatisticValues"):
        bucket.add_set(statistics["SampleCount"], statistics["Sum"], statistics["Minimum"], statistics["Maximum"])


def _has(dimensions: dict[str, str], wanted: list[dict[str, str]]) -> bool:
    return all(one["Name"] in dimensions and one.get("Value") in (None, "", dimensions[one["Name"]]) for one in wanted)


def _floor(second: int) -> int:
    return second - second % _MINUTE_S


def _dimensions(dimensions: list[dict[str, str]] | None) -> Dimensions:
    return tuple(sorted((one["Name"], one["Value"]) for one in dimensions or ()))


def _as_text(dimensions: Dimensions) -> str | None:
    return "".join(f"{name}={value}\t" for name, value in dimensions) or None


def use() -> None:
    """Keep metrics here, whenever LocalStack's second CloudWatch provider starts."""
    from localstack.services.cloudwatch import provider_v2

    provider_v2.CloudwatchDatabase = MetricStore
