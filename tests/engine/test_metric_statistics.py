"""CloudWatch's statistics of known values."""

import pytest

from loadstack_engine.cloudwatch_metrics.buckets import Bucket
from loadstack_engine.cloudwatch_metrics.statistics import parse


def bucket_of(*values):
    bucket = Bucket()
    for value in values:
        bucket.add({value: 1})
    return bucket


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SampleCount", 100),
        ("Sum", 5050),
        ("Average", 50.5),
        ("Minimum", 1),
        ("Maximum", 100),
        ("p0", 1),
        ("p50", 50),
        ("p99", 99),
        ("p99.9", 100),
        ("p100", 100),
        ("tm90", 45.5),
        ("TM(10%:90%)", 50.5),
        ("TM(10:20)", 15.5),
        ("TM(:20)", 10.5),
        ("TM(95%:)", 98),
        ("IQM", 50.5),
        ("tc99", 99),
        ("TC(10:20)", 10),
        ("TC(101:)", 0),
        ("ts50", 1275),
        ("TS(80%:)", 1810),
        ("wm90", (4095 + 10 * 90) / 100),
        ("WM(90:)", (90 * 90 + sum(range(91, 101))) / 100),
        ("PR(:30)", 30),
        ("PR(30:40)", 10),
    ],
)
def test_statistic_of_one_to_a_hundred(name, value):
    assert parse(name)(bucket_of(*range(1, 101))) == pytest.approx(value)


@pytest.mark.parametrize(
    "name", ["p101", "p", "px", "P(1:2)", "TM(:)", "TM(10%:20)", "PR(10%:20%)", "TM(9:3)", "Mean", ""]
)
def test_name_that_is_no_statistic(name):
    assert parse(name) is None


def test_percentiles_of_one_value_that_occurred_often():
    bucket = Bucket()
    bucket.add({7.5: 1000})

    assert parse("p1")(bucket) == parse("tm99")(bucket) == 7.5


def test_trimmed_mean_of_no_value():
    assert parse("TM(200:300)")(bucket_of(1, 2)) is None


def test_statistic_set_has_no_percentiles():
    bucket = bucket_of(1, 2)
    bucket.add_set(2, 7, 3, 4)

    assert parse("p50")(bucket) is None
    assert [parse(name)(bucket) for name in ("SampleCount", "Sum", "Minimum", "Maximum")] == [4, 10, 1, 4]


def test_statistic_set_of_equal_values_has_percentiles():
    bucket = bucket_of(1)
    bucket.add_set(9, 18, 2, 2)

    assert parse("p10")(bucket) == 1
    assert parse("p11")(bucket) == 2


def test_many_different_values_stay_within_half_a_percent_and_sums_exact():
    values = [1 + n * 0.123 for n in range(10_000)]
    bucket = Bucket()
    for start in range(0, len(values), 500):
        bucket.add(dict.fromkeys(values[start : start + 500], 1))

    assert parse("p99")(bucket) == pytest.approx(sorted(values)[9899], rel=0.005)
    assert parse("Sum")(bucket) == pytest.approx(sum(values), rel=1e-9)
    assert parse("Maximum")(bucket) == values[-1]
    assert len(bucket.distribution()) < 3000


def test_merge_keeps_exact_limits_of_rounded_values():
    bucket, merged = Bucket(), Bucket()
    bucket.add({1000 + n + 0.4: 1 for n in range(200)})
    merged.merge([bucket])

    assert (merged.minimum, merged.maximum, merged.count) == (1000.4, 1199.4, 200)
    assert merged.total == pytest.approx(bucket.total)
