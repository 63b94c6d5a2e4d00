"""Metrics out of log lines; what the format does not allow is left out."""

import json

import pytest

from loadstack_engine.cloudwatch_metrics import emf
from loadstack_engine.cloudwatch_metrics.collector import Series


@pytest.fixture
def published(monkeypatch):
    """``published(line)`` is what a line adds: (metric, dimensions, unit, resolution, value, seconds)."""

    class Recorder(list):
        def add(self, series: Series, counts, *, at):
            assert (series.account_id, series.region) == ("000000000000", "eu-west-1")
            described = series.namespace, series.metric, series.dimensions, series.unit, series.resolution
            self += [(*described, value, at) for value, count in counts.items() for _ in range(count)]

    def publish(line):
        recorder = Recorder()
        monkeypatch.setattr(emf, "COLLECTOR", recorder)
        emf.publish("000000000000", "eu-west-1", line if isinstance(line, str) else json.dumps(line))
        return recorder

    return publish


def record(metrics, dimensions=None, **members):
    directive = {"Namespace": "Shop", "Metrics": metrics}
    if dimensions is not None:
        directive["Dimensions"] = dimensions
    return {"_aws": {"Timestamp": 1_800_000_000_500, "CloudWatchMetrics": [directive]}, **members}


def test_metric_with_two_sets_of_dimensions(published):
    line = record(
        [{"Name": "Latency", "Unit": "Milliseconds", "StorageResolution": 1}],
        [["service"], ["stage", "service"]],
        service="orders",
        stage="dev",
        Latency=12.5,
    )

    assert published(line) == [
        ("Shop", "Latency", (("service", "orders"),), "Milliseconds", 1, 12.5, 1_800_000_000.5),
        ("Shop", "Latency", (("service", "orders"), ("stage", "dev")), "Milliseconds", 1, 12.5, 1_800_000_000.5),
    ]


def test_several_directives_and_a_list_of_values(published):
    line = record([{"Name": "Sold"}], [[]], Sold=[1, 2], Refunds=3)
    line["_aws"]["CloudWatchMetrics"].append({"Namespace": "Money", "Metrics": [{"Name": "Refunds", "Unit": "Count"}]})

    assert [
        (namespace, name, dimensions, unit, resolution, value)
        for namespace, name, dimensions, unit, resolution, value, _ in published(line)
    ] == [
        ("Shop", "Sold", (), "None", 60, 1),
        ("Shop", "Sold", (), "None", 60, 2),
        ("Money", "Refunds", (), "Count", 60, 3),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '"_aws"',
        '["_aws"]',
        '{"_aws": null}',
        '{"_aws": {"CloudWatchMetrics": []}}',
        record([{"Name": "Missing"}]),
        record([{"Name": "Text"}], Text="12"),
        record([{"Name": "Flag"}], Flag=True),
        record([{"Name": "Many"}], Many=list(range(101))),
        record([{"Name": "Sold"}], [["service"]], Sold=1),
        record([{"Name": "Sold"}], [["service"]], Sold=1, service=5),
        record([{"Name": "Sold"}], [[f"d{n}" for n in range(31)]], Sold=1, **{f"d{n}": "x" for n in range(31)}),
        record([{"Name": "Sold"}] * 101, Sold=1),
        {**record([], Sold=1), "_aws": {"Timestamp": 1, "CloudWatchMetrics": ["Sold"]}},
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "a", "Metrics": [{"Name": "n"}]}]}, "n": NaN}',
    ],
)
def test_line_without_a_valid_metric(published, line):
    assert published(line) == []


def test_one_bad_metric_leaves_the_others(published):
    line = record([{"Name": "Gone"}, {"Name": "Sold", "Unit": "Parsecs"}, "Sold"], Sold=1)

    assert [(name, unit, value) for _, name, _, unit, _, value, _ in published(line)] == [("Sold", "None", 1)]


def test_most_that_is_allowed(published):
    names = [f"m{n}" for n in range(100)]
    dimensions = {f"d{n}": "x" for n in range(30)}
    line = record([{"Name": name} for name in names], [list(dimensions)], **dict.fromkeys(names, 1), **dimensions)

    assert len(published(line)) == 100


@pytest.mark.parametrize("timestamp", [1e18, float("nan"), float("inf"), 10**400])
def test_time_that_is_none_is_ignored(published, timestamp):
    line = record([{"Name": "Count"}], Count=1)
    line["_aws"]["Timestamp"] = timestamp

    assert published(line) == []


def test_line_of_boundless_depth_is_ignored(published):
    assert published('{"_aws":' * 200_000) == []


@pytest.mark.parametrize("dimensions", [5, "service", {"service": 1}])
def test_dimensions_that_are_no_list_are_ignored(published, dimensions):
    assert published(record([{"Name": "Count"}], dimensions, Count=1)) == []


def test_unit_that_is_no_text_is_none(published):
    [(_, _, _, unit, *_)] = published(record([{"Name": "Count", "Unit": ["Seconds"]}], Count=1))

    assert unit == "None"


def test_number_that_no_float_holds_is_ignored(published):
    assert published(record([{"Name": "Count"}], Count=10**400)) == []
