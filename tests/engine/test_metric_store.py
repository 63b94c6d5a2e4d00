"""What the store answers, and that it stays small."""

from datetime import UTC, datetime

import pytest
from localstack.aws.api.cloudwatch import InvalidParameterValueException

from loadstack_engine.cloudwatch_metrics import store as module
from loadstack_engine.cloudwatch_metrics.store import MetricStore

_NOW = 1_800_000_000  # a whole minute
PLACE = ("000000000000", "us-east-1")


@pytest.fixture
def clock(monkeypatch):
    """``clock.now`` is what the store takes for the time."""

    class Clock:
        now = _NOW

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def at(second):
    return datetime.fromtimestamp(second, UTC)


def put(store, second, value=1.0, name="Orders", dimensions=(), **more):
    pairs = [{"Name": key, "Value": text} for key, text in dimensions]
    datum = {"MetricName": name, "Timestamp": at(second), "Value": value, "Dimensions": pairs, **more}
    store.add_metric_data(*PLACE, "Shop", [datum])


def get(store, stat, start, end, period=60, dimensions=(), unit=None):
    metric = {
        "Namespace": "Shop",
        "MetricName": "Orders",
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions],
    }
    query = {"MetricStat": {"Metric": metric, "Period": period, "Stat": stat} | ({"Unit": unit} if unit else {})}
    found = store.get_metric_data_stat(*PLACE, query, at(start), at(end), "TimestampAscending")
    return list(zip(found["timestamps"], found["values"], strict=True))


def test_periods_with_and_without_data(clock):
    store = MetricStore()
    for second, value in ((0, 1), (59, 3), (120, 5)):
        put(store, _NOW + second, value)

    assert get(store, "Sum", _NOW, _NOW + 180) == [(_NOW, 4), (_NOW + 120, 5)]
    assert get(store, "Sum", _NOW, _NOW + 120) == [(_NOW, 4)]


def test_start_is_rounded_down_as_on_aws(clock):
    store = MetricStore()
    put(store, _NOW + 20)

    assert get(store, "Sum", _NOW + 30, _NOW + 60) == [(_NOW, 1)]
    assert get(store, "Sum", _NOW + 25, _NOW + 60, period=10) == [(_NOW + 20, 1)]


def test_dimensions_select_one_series(clock):
    store = MetricStore()
    put(store, _NOW, 1, dimensions=[("Service", "orders")])
    put(store, _NOW, 2, dimensions=[("Service", "orders"), ("Stage", "dev")])
    put(store, _NOW, 4, dimensions=[("Service", "orders-2")])
    put(store, _NOW, 8)

    assert get(store, "Sum", _NOW, _NOW + 60, dimensions=[("Service", "orders")]) == [(_NOW, 1)]
    assert get(store, "Sum", _NOW, _NOW + 60) == [(_NOW, 8)]


def test_unit_selects_or_all_count_together(clock):
    store = MetricStore()
    put(store, _NOW, 1, Unit="Count")
    put(store, _NOW, 2, Unit="Bytes")

    assert get(store, "Sum", _NOW, _NOW + 60, unit="Bytes") == [(_NOW, 2)]
    assert get(store, "Sum", _NOW, _NOW + 60) == [(_NOW, 3)]


def test_unknown_statistic_is_refused(clock):
    with pytest.raises(InvalidParameterValueException, match="p101"):
        get(MetricStore(), "p101", _NOW, _NOW + 60)


def test_values_with_counts(clock):
    store = MetricStore()
    put(store, _NOW, None, Values=[1.0, 10.0], Counts=[99.0, 1.0])

    assert get(store, "p99", _NOW, _NOW + 60) == [(_NOW, 1)]
    assert get(store, "p99.5", _NOW, _NOW + 60) == [(_NOW, 10)]
    assert get(store, "SampleCount", _NOW, _NOW + 60) == [(_NOW, 100)]


def test_old_seconds_become_minutes_and_nothing_is_lost(clock):
    store = MetricStore()
    for second in range(1200):
        clock.now = _NOW + second
        put(store, clock.now, second)
    (series,) = store._metrics[(*PLACE, "Shop", "Orders")].values()

    assert len(series.seconds) <= 6 * 60
    assert get(store, "SampleCount", _NOW, _NOW + 1200, period=1200) == [(_NOW, 1200)]
    assert get(store, "Sum", _NOW, _NOW + 1200, period=60)[0] == (_NOW, sum(range(60)))


def test_high_resolution_metric_keeps_its_seconds(clock):
    store = MetricStore()
    for second in range(600):
        clock.now = _NOW + second
        put(store, clock.now, StorageResolution=1)

    assert get(store, "Sum", _NOW, _NOW + 2, period=1) == [(_NOW, 1), (_NOW + 1, 1)]


def test_data_older_than_fifteen_days_is_dropped(clock):
    store = MetricStore()
    put(store, _NOW)
    clock.now = _NOW + 16 * 24 * 3600
    put(store, clock.now)

    assert get(store, "SampleCount", _NOW, clock.now + 1, period=clock.now - _NOW + 60) == [(_NOW, 1)]


def test_list_metrics_by_dimension_name(clock):
    store = MetricStore()
    put(store, _NOW, dimensions=[("Service", "orders")])
    put(store, _NOW)

    found = store.list_metrics(*PLACE, "Shop", None, [{"Name": "Service"}])["metrics"]

    assert [metric["dimensions"] for metric in found] == [[{"Name": "Service", "Value": "orders"}]]
    assert store.list_metrics(*PLACE, "Shop", None, [{"Name": "Service", "Value": "x"}]) == {"metrics": []}
    assert store.list_metrics("111111111111", "us-east-1", None, None, []) == {"metrics": []}
