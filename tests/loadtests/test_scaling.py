from __future__ import annotations

import pytest

from loadtests.arrivals.schedule import Schedule, Step, constant
from loadtests.figures import scaling
from loadtests.looks import QueueLook
from tests.loadtests.observed import function, order, post, result, sample, steady

TWO_STEPS = Schedule((Step(1.0, 10.0), Step(2.0, 10.0)))


def test_scaling_has_a_row_for_each_rate_with_what_was_due_in_its_seconds() -> None:
    orders = [*steady(1.0, 10.0, lambda _: 0.1), *steady(2.0, 20.0, lambda _: 0.4, since=10.0)]

    rows = scaling.rows(result(orders, rate=2.0, duration_s=20.0), TWO_STEPS)

    assert rows is not None
    assert [(row["rate_per_s"], row["from_s"], row["to_s"]) for row in rows] == [(1.0, 0.0, 10.0), (2.0, 10.0, 20.0)]
    assert [(row["asked"], row["sent"], row["async"]["count"], row["lost"]) for row in rows] == [
        (10, 10, 10, 0),
        (20, 20, 20, 0),
    ]
    assert [row["async"]["p50_ms"] for row in rows] == pytest.approx([100.0, 400.0], rel=0.002)
    assert [row["sync"]["p99_ms"] for row in rows] == pytest.approx([20.0, 20.0], rel=0.002)
    assert [row["throughput_per_s"] for row in rows] == [1.0, 2.0]


def test_scaling_throughput_counts_what_was_done_in_the_step_and_outstanding_what_was_not() -> None:
    orders = steady(1.0, 10.0, lambda _: 0.1) + steady(2.0, 20.0, lambda _: 6.05, since=10.0)

    first, second = scaling.rows(result(orders, rate=2.0, duration_s=20.0), TWO_STEPS) or []

    assert (first["throughput_per_s"], first["outstanding"]) == (1.0, 0)
    assert (second["throughput_per_s"], second["outstanding"]) == (0.8, 12)
    assert second["async"]["count"] == 20


def test_scaling_leaves_the_warmup_out() -> None:
    orders = [order(-1.0, 5.0), order(0.0, 0.1)]
    (row,) = scaling.rows(result(orders), constant(1.0, 10.0)) or []
    assert (row["sent"], row["async"]["count"]) == (1, 1)
    assert row["async"]["max_ms"] == pytest.approx(100, rel=0.002)


def test_scaling_tells_arrivals_that_were_not_sent_and_orders_that_were_lost() -> None:
    orders = steady(1.0, 8.0, lambda at: None if at == 3.0 else 0.1)
    (row,) = scaling.rows(result(orders), constant(1.0, 10.0)) or []
    assert (row["asked"], row["sent"], row["lost"]) == (10, 8, 1)


def test_scaling_of_an_interrupted_run_ends_where_it_did_and_claims_no_losses() -> None:
    orders = steady(1.0, 4.0, lambda at: None if at == 3.0 else 0.1)
    rows = scaling.rows(result(orders, rate=2.0, duration_s=20.0, ended_s=4.0), TWO_STEPS) or []
    assert [(row["to_s"], row["asked"], row["lost"]) for row in rows] == [(4.0, 4, None)]


def test_scaling_is_null_in_the_closed_model() -> None:
    assert scaling.rows(result(rate=None), None) is None


def test_scaling_of_reads_counts_answers() -> None:
    requests = [post(float(at), 30.0, "/products", "GET") for at in range(10)]
    (row,) = scaling.rows(result(requests=requests), constant(1.0, 10.0)) or []
    assert (row["throughput_per_s"], row["outstanding"], row["async"]["count"]) == (1.0, 0, 0)
    assert row["sync"]["p50_ms"] == pytest.approx(30.0, rel=0.002)


def test_scaling_looks_at_the_samples_of_each_step() -> None:
    orders = steady(1.0, 20.0, lambda _: 0.1)
    samples = [
        sample(
            float(at),
            depth=3 if at <= 10 else 9,
            functions=function(2 if at <= 11 else 5, cold_starts=4 if at <= 10 else 6),
            cpu_s={"engine": 100 + at * (0.02 if at <= 10 else 0.04) - (0 if at <= 10 else 0.2), "harness": 0.01 * at},
        )
        for at in range(-2, 23)
    ]

    first, second = scaling.rows(result(orders, samples, duration_s=20.0), TWO_STEPS) or []

    assert (first["max_concurrency"], second["max_concurrency"]) == ({"orders": 2}, {"orders": 5})
    assert (first["cold_starts"], second["cold_starts"]) == ({"orders": 0}, {"orders": 2})
    assert first["queues"] == {"payments": {"max_depth": 3, "max_age_s": 0.3}}
    assert second["queues"] == {"payments": {"max_depth": 9, "max_age_s": 0.9}}
    assert list(first["cpu_ms_per_order"]) == ["engine", "harness"]
    assert first["cpu_ms_per_order"] == pytest.approx({"engine": 20.0, "harness": 10.0})
    assert second["cpu_ms_per_order"] == pytest.approx({"engine": 40.0, "harness": 10.0})


def test_scaling_interpolates_processor_time_between_samples() -> None:
    samples = [sample(at, cpu_s={"engine": 10 * at}) for at in (-0.5, 4.5, 9.5, 10.5)]
    (row,) = scaling.rows(result(steady(1.0, 10.0, lambda _: 0.1), samples), constant(1.0, 10.0)) or []
    assert row["cpu_ms_per_order"] == pytest.approx({"engine": 10_000.0})


def test_scaling_bridges_looks_in_which_a_part_did_not_answer() -> None:
    samples = [
        sample(at, cpu_s={"harness": at} if at in (0.0, 10.0) else {"engine": 2 * at}) for at in (-1, 0, 3, 10, 11)
    ]
    (row,) = scaling.rows(result(steady(1.0, 10.0, lambda _: 0.1), samples), constant(1.0, 10.0)) or []
    assert row["cpu_ms_per_order"] == pytest.approx({"engine": 2000.0, "harness": 1000.0})


def test_scaling_tells_no_processor_time_beyond_the_samples() -> None:
    samples = [sample(at, cpu_s={"engine": 10 * at}) for at in (2.0, 5.0, 12.0)]
    (row,) = scaling.rows(result(steady(1.0, 10.0, lambda _: 0.1), samples), constant(1.0, 10.0)) or []
    assert row["cpu_ms_per_order"] == {}


def test_scaling_without_samples_or_orders_has_empty_figures() -> None:
    (row,) = scaling.rows(result(requests=[]), constant(1.0, 10.0)) or []
    assert (row["max_concurrency"], row["cold_starts"], row["queues"], row["cpu_ms_per_order"]) == ({}, {}, {}, {})
    assert (row["asked"], row["sent"], row["throughput_per_s"], row["sync"]["p50_ms"]) == (10, 0, 0.0, None)


def test_scaling_age_is_null_where_nobody_tells() -> None:
    samples = [sample(1.0, queues={"payments": QueueLook(2)})]
    (row,) = scaling.rows(result(samples=samples), constant(1.0, 10.0)) or []
    assert row["queues"] == {"payments": {"max_depth": 2, "max_age_s": None}}


def test_scaling_counts_poisson_arrivals_by_their_own_instants() -> None:
    observed = result(rate=2.0, duration_s=20.0)
    poisson = type(observed.plan)(**{**observed.plan.to_json(), "arrivals": "poisson", "seed": 7})
    rows = scaling.rows(result(rate=2.0, duration_s=20.0, plan=poisson), TWO_STEPS) or []
    due = list(TWO_STEPS.offsets("poisson", seed=7))
    assert [row["asked"] for row in rows] == [sum(at < 10 for at in due), sum(at >= 10 for at in due)]
