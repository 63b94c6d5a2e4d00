from __future__ import annotations

import pytest

from loadtests import slo
from loadtests.figures import drift
from tests.loadtests.observed import post, result, sample, steady

NO_CPU = {"first_ms_per_order": None, "last_ms_per_order": None, "ratio": None}


def test_drift_compares_the_ends_of_the_run() -> None:
    orders = [*steady(1.0, 0.0, lambda _: 9.0, since=-10.0), *steady(1.0, 1000.0, lambda at: 0.1 + at / 10_000)]
    samples = [
        sample(float(at), memory_mb={"engine": 200 + max(0, 100 - at) + at / 100, "harness": 90.0})
        for at in range(-5, 1030)
    ]

    told = drift.told(result(orders, samples, scenario="soak", duration_s=1000.0))

    assert told is not None
    assert told["latency"] == pytest.approx({"first_p50_ms": 110.0, "last_p50_ms": 190.0, "ratio": 1.727}, rel=0.002)
    assert list(told["memory"]) == ["engine", "harness"]
    assert told["memory"]["engine"] == pytest.approx(
        {"first_mb": 202.0, "last_mb": 209.0, "mb_per_hour": 36.0}, abs=0.2
    )
    assert told["memory"]["harness"] == {"first_mb": 90.0, "last_mb": 90.0, "mb_per_hour": 0.0}
    assert slo.parse("drift.latency.ratio < 2").judge({"drift": told})["ok"]
    assert not slo.parse("drift.memory.engine.mb_per_hour < 20").judge({"drift": told})["ok"]


def test_drift_of_a_short_run_tells_no_slope() -> None:
    samples = [sample(float(at), memory_mb={"engine": 200.0 + at}) for at in range(20)]
    told = drift.told(result(steady(1.0, 20.0, lambda _: 0.1), samples, scenario="soak", duration_s=20.0))
    assert told is not None
    assert told["memory"]["engine"]["mb_per_hour"] is None
    assert told["memory"]["engine"]["last_mb"] > told["memory"]["engine"]["first_mb"]


def test_drift_of_reads_is_of_their_answers() -> None:
    requests = [post(float(at), 10.0 if at < 50 else 30.0, "/products", "GET") for at in range(100)]
    told = drift.told(result(requests=requests, scenario="soak", duration_s=100.0))
    assert told == {
        "latency": {"first_p50_ms": 10.0, "last_p50_ms": 30.0, "ratio": 3.0},
        "cpu": NO_CPU,
        "memory": {},
    }


def test_drift_leaves_lost_orders_out() -> None:
    orders = steady(1.0, 100.0, lambda at: None if at > 50 else 0.1)
    told = drift.told(result(orders, scenario="soak", duration_s=100.0))
    assert told is not None
    assert told["latency"] == {"first_p50_ms": 100.0, "last_p50_ms": None, "ratio": None}


def test_drift_without_anything_is_null_throughout() -> None:
    told = drift.told(result(scenario="soak"))
    assert told == {
        "latency": {"first_p50_ms": None, "last_p50_ms": None, "ratio": None},
        "cpu": NO_CPU,
        "memory": {},
    }


def test_drift_of_processor_time_is_of_the_sandbox_for_each_order() -> None:
    """40 ms an order at first and 80 from the middle on, whatever else keeps the orders waiting."""
    samples = [
        sample(float(at), cpu_s={"engine": 0.03 * at + 0.04 * max(0, at - 50), "dynamodb": 0.01 * at, "harness": at})
        for at in range(-5, 105)
    ]
    orders = steady(1.0, 105.0, lambda at: 0.1 if at < 50 else 2.0, since=-5.0)
    told = drift.told(result(orders, samples, scenario="soak", duration_s=100.0))
    assert told is not None
    assert told["cpu"] == pytest.approx({"first_ms_per_order": 40.0, "last_ms_per_order": 80.0, "ratio": 2.0}, rel=0.1)
    assert not slo.parse("drift.cpu.ratio < 1.5").judge({"drift": told})["ok"]


def test_drift_is_of_the_soak_alone() -> None:
    assert drift.told(result(scenario="order")) is None
