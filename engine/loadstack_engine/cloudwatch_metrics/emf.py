"""The embedded metric format: metrics out of log lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR, Series

_METRICS_A_DIRECTIVE = 100
_VALUES_A_METRIC = 100
_DIMENSIONS_A_SET = 30
_HIGH_RESOLUTION, _STANDARD_RESOLUTION = 1, 60
_SIZES = ("Bits", "Bytes", "Kilobits", "Kilobytes", "Megabits", "Megabytes", "Gigabits", "Gigabytes", "Terabits")
_AMOUNTS = (*_SIZES, "Terabytes", "Count")
_UNITS = frozenset(
    (*_AMOUNTS, *(f"{amount}/Second" for amount in _AMOUNTS), "Seconds", "Milliseconds", "Microseconds", "Percent")
)


def publish(account_id: str, region: str, line: str) -> bool:
    """Take the metrics of one log line, if it is a JSON object with metric directives; whether it was.

    What the format does not allow is left out, as CloudWatch does: a directive without namespace or with more than
    100 metrics; a set with more than 30 dimensions or one whose member is missing or no string; a metric whose member
    is missing, not a number, or a list of more than 100.
    """
    if '"_aws"' not in line:
        return False
    try:
        root = json.loads(line)
        metadata = root["_aws"]
        at = metadata["Timestamp"] / 1000
        datetime.fromtimestamp(at, UTC)
        directives = list(metadata["CloudWatchMetrics"])
    except (ValueError, LookupError, TypeError, OverflowError, OSError, RecursionError):
        return False
    for directive in directives:
        for series, values in _metrics(account_id, region, root, directive):
            COLLECTOR.add(series, Counter(values), at=at)
    return True


def _metrics(
    account_id: str, region: str, root: dict[str, Any], directive: Any
) -> Iterator[tuple[Series, list[float]]]:
    match directive:
        case {"Namespace": str(namespace), "Metrics": list(metrics)} if namespace:
            pass
        case _:
            return
    if len(metrics) > _METRICS_A_DIRECTIVE:
        return
    dimension_sets = list(_dimension_sets(root, directive))
    for metric in metrics:
        match metric:
            case {"Name": str(name)} if values := _values(root.get(name)):
                unit = metric.get("Unit")
                resolution = metric.get("StorageResolution")
                for dimensions in dimension_sets:
                    series = Series(
                        account_id,
                        region,
                        namespace,
                        name,
                        dimensions,
                        unit if isinstance(unit, str) and unit in _UNITS else "None",
                        _HIGH_RESOLUTION if resolution == _HIGH_RESOLUTION else _STANDARD_RESOLUTION,
                    )
                    yield series, values


def _dimension_sets(root: dict[str, Any], directive: dict[str, Any]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The sets whose members are all there; no dimensions at all is the empty set."""
    sets = directive.get("Dimensions") or [[]]
    for names in sets if isinstance(sets, list) else ():
        if not isinstance(names, list) or len(names) > _DIMENSIONS_A_SET or not all(isinstance(n, str) for n in names):
            continue
        pairs = [(str(name), value) for name in names if isinstance(value := root.get(name), str) and value]
        if len(pairs) == len(names):
            yield tuple(sorted(pairs))


def _values(target: Any) -> list[float]:
    values = target if isinstance(target, list) else [target]
    return values if len(values) <= _VALUES_A_METRIC and all(map(_is_number, values)) else []


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def use() -> None:
    """Take the metrics out of whatever is put into a log stream from now on."""
    from moto.logs.models import LogsBackend

    original = LogsBackend.put_log_events

    @wraps(original)
    def put_log_events(backend: Any, log_group_name: str, log_stream_name: str, log_events: Any) -> Any:
        result = original(backend, log_group_name, log_stream_name, log_events)
        for event in log_events:
            publish(backend.account_id, backend.region_name, event["message"])
        return result

    setattr(LogsBackend, "put_log_events", put_log_events)  # noqa: B010
