from __future__ import annotations

from typing import Any

import pytest

from loadtests import slo
from loadtests.arrivals.schedule import Schedule, Step, constant
from loadtests.figures import recovery
from loadtests.orders import Order
from tests.loadtests.observed import result, sample, steady

SPIKE = Schedule((Step(2.0, 10.0), Step(20.0, 10.0), Step(2.0, 30.0)))


def told(orders: list[Order], depths: dict[int, int], **changes: Any) -> dict[str, Any]:
    """Of samples every second until the sixtieth; depths by second, each until the next one."""
    depth, samples = 0, []
    for at in range(-2, 60):
        depth = depths.get(at, depth)
        samples.append(sample(float(at), depth))
    found = recovery.told(result(orders, samples, scenario="spike", rate=2.0, duration_s=50.0, **changes), SPIKE)
    assert found is not None
    return found


def orders_with(back_at: float, in_spike_s: float = 6.0) -> list[Order]:
    """100 to 200 ms before, slow in the spike, and then until `back_at`."""
    return [
        *steady(2.0, 10.0, lambda at: 0.1 + at / 100),
        *steady(20.0, 20.0, lambda _: in_spike_s, since=10.0),
        *steady(2.0, 50.0, lambda at: 3.0 if at < back_at else 0.12, since=20.0),
    ]


def test_recovery_tells_when_queue_and_latency_are_back() -> None:
    found = told(orders_with(28.0), {1: 3, 9: 0, 12: 150, 20: 190, 24: 40, 26: 3})

    assert (found["spike_from_s"], found["spike_to_s"]) == (10.0, 20.0)
    assert (found["rate_before_per_s"], found["rate_spike_per_s"]) == (2.0, 20.0)
    assert (found["depth_before"], found["peak_depth"], found["peak_age_s"]) == (3, 190, 19.0)
    assert found["queue_back_after_s"] == 6.0
    assert found["latency_back_after_s"] == pytest.approx(7.0, abs=1.0)  # of five in a row the third is at 28 s
    assert found["peak_latency_ms"] == pytest.approx(6000.0, abs=0.2)
    assert found["latency_before_p95_ms"] == pytest.approx(190, abs=5)


def test_recovery_takes_a_single_empty_look_for_chance() -> None:
    found = told(orders_with(20.0), {12: 50, 22: 0, 23: 50, 30: 0})
    assert found["queue_back_after_s"] == 10.0


def test_recovery_at_the_very_end_of_the_drain_counts() -> None:
    assert told(orders_with(20.0), {12: 50, 59: 0})["queue_back_after_s"] == 39.0


def test_recovery_at_once() -> None:
    found = told(orders_with(20.0, in_spike_s=0.12), {12: 2, 20: 1})
    assert (found["queue_back_after_s"], found["latency_back_after_s"]) == (0.0, 0.0)


def test_recovery_that_never_comes_is_null_and_fails_its_rule() -> None:
    found = told(orders_with(99.0), {12: 50})
    assert (found["queue_back_after_s"], found["latency_back_after_s"]) == (None, None)
    assert not slo.parse("recovery.queue_back_after_s < 30").judge({"recovery": found})["ok"]


def test_recovery_takes_lost_orders_for_slow_ones() -> None:
    orders = [
        *steady(2.0, 10.0, lambda at: 0.1 + at / 100),
        *steady(20.0, 20.0, lambda _: 6.0, since=10.0),
        *steady(2.0, 50.0, lambda _: None, since=20.0),
    ]
    assert told(orders, {})["latency_back_after_s"] is None


def test_recovery_with_too_few_orders_before_does_not_compare() -> None:
    found = told([order for order in orders_with(20.0) if order.placed and order.placed.intended % 60 > 39], {12: 9})
    assert found["latency_before_p95_ms"] is None
    assert found["latency_back_after_s"] is None


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        constant(2.0, 50.0),
        Schedule((Step(1, 10), Step(2, 10), Step(3, 10))),
        Schedule((Step(1, 10), Step(9, 10))),
    ],
)
def test_recovery_is_null_without_a_spike(schedule: Schedule | None) -> None:
    assert recovery.told(result(rate=2.0, duration_s=50.0), schedule) is None


def test_recovery_is_null_when_the_run_ended_before_the_spike_did() -> None:
    assert recovery.told(result(rate=2.0, duration_s=50.0, ended_s=15.0), SPIKE) is None


def test_recovery_without_samples_or_orders_has_no_figures() -> None:
    found = recovery.told(result(rate=2.0, duration_s=50.0), SPIKE)
    assert found is not None
    assert {key: value for key, value in found.items() if "spike" not in key and "rate" not in key} == dict.fromkeys(
        ["depth_before", "peak_depth", "peak_age_s", "queue_back_after_s", "latency_before_p95_ms", "peak_latency_ms",
         "latency_back_after_s"]
    )  # fmt: skip
