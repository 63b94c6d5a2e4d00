from __future__ import annotations

from dataclasses import replace
from typing import Any

from loadtests import saturation
from loadtests.arrivals.schedule import Schedule, Step, constant
from loadtests.looks import Sample
from loadtests.orders import Order
from tests.loadtests.observed import T0, order, post, result, sample, steady, unanswered

RAMP = Schedule((Step(5.0, 10.0), Step(10.0, 10.0)))


def ramped(behind: bool) -> list[Order]:
    """In the second step each order takes longer than the one before."""
    return [
        *steady(5.0, 10.0, lambda _: 0.2),
        *steady(10.0, 20.0, lambda at: at - 10 + 0.23 if behind else 0.2, since=10.0),
    ]


def busy(cpu_percent: float, engine: float | None) -> list[Sample]:
    """A sample a second; so much of one processor for the engine, if it tells."""
    return [
        sample(float(at), cpu_percent=cpu_percent, cpu_s={} if engine is None else {"engine": 50 + at * engine})
        for at in range(-1, 23)
    ]


def verdict(orders: list[Order], samples: list[Sample], **changes: Any) -> dict[str, Any]:
    return saturation.verdict(result(orders, samples, rate=10.0, duration_s=20.0, **changes), RAMP)


def limit(orders: list[Order], samples: list[Sample], **changes: Any) -> str | None:
    told: str | None = verdict(orders, samples, **changes)["limit"]
    return told


def throttled(count: int, by: str | None = None, invocations: int = 97) -> dict[str, Any]:
    """What the engine tells of the function `orders` before and after a run in which it was throttled so often."""
    reasons = {} if by is None else {"throttles_by": {by: count}}
    return {
        "functions_before": {"orders": {"invocations": 0, "throttles": 0}},
        "functions_after": {"orders": {"invocations": invocations, "throttles": count, **reasons}},
    }


def test_nothing_piles_up_and_nothing_is_blamed() -> None:
    found = verdict(ramped(behind=False), busy(99.0, 0.99))
    assert found["limit"] is None
    assert "nothing piled up" in found["evidence"]


def test_slo_of_latency_that_breaks_on_a_busy_machine_is_the_sandboxs() -> None:
    found = saturation.verdict(
        result(ramped(behind=False), busy(99.0, 0.99), rate=10.0, duration_s=20.0), RAMP, is_slow=True
    )
    assert found["limit"] == "sandbox"
    assert "99 % busy" in found["reason"] or "0.99" in found["reason"]


def test_slo_of_latency_that_breaks_with_room_to_spare_blames_nobody_and_says_where_to_look() -> None:
    found = saturation.verdict(
        result(ramped(behind=False), busy(20.0, 0.2), rate=10.0, duration_s=20.0), RAMP, is_slow=True
    )
    assert found["limit"] is None
    assert "hop by hop" in found["hint"]


def test_sandbox_is_blamed_when_work_piles_up_on_a_busy_machine() -> None:
    found = verdict(ramped(behind=True), busy(96.0, 0.5))
    assert found["limit"] == "sandbox"
    assert "from 10 a second on work piled up, 51 were not done" in found["evidence"]
    assert "96 % busy (engine 0.50 of one)" in found["evidence"]


def test_sandbox_is_blamed_when_the_engine_has_a_processor_to_itself() -> None:
    assert limit(ramped(behind=True), busy(60.0, 0.95)) == "sandbox"


def test_stack_is_blamed_when_work_piles_up_and_there_is_room() -> None:
    assert limit(ramped(behind=True), busy(40.0, 0.4)) == "stack"


def test_sandbox_is_blamed_on_a_busy_machine_whose_engine_was_too_busy_to_tell() -> None:
    silent_from_10_s = [replace(each, cpu_s={}) if each.at > T0 + 9 else each for each in busy(99.0, 0.5)]
    assert limit(ramped(behind=True), silent_from_10_s) == "sandbox"


def test_stack_elsewhere_is_blamed_whatever_this_machine_does() -> None:
    assert limit(ramped(behind=True), busy(99.0, None)) == "stack"


def test_stack_elsewhere_that_tells_of_its_engine_is_blamed_whatever_this_machine_does() -> None:
    observed = result(ramped(behind=True), busy(99.0, 0.5), rate=10.0, duration_s=20.0)
    there = replace(observed.plan, host="http://sandbox.example:4566")
    assert saturation.verdict(replace(observed, plan=there), RAMP)["limit"] == "stack"


def test_stack_is_blamed_for_throttles() -> None:
    assert limit(ramped(behind=False), busy(40.0, 0.4), **throttled(3)) == "stack"


def test_generator_that_is_late_is_blamed_before_anything_else() -> None:
    orders = [order(at / 10, 0.8, late_s=0.5) for at in range(200)]
    assert limit(orders, busy(99.0, 0.99), **throttled(3)) == "generator"


def test_lost_orders_at_the_end_pile_up_too() -> None:
    orders = steady(5.0, 20.0, lambda at: None if at >= 15 else 0.2)
    observed = result(orders, busy(10.0, 0.1), rate=5.0, duration_s=20.0)
    assert saturation.verdict(observed, constant(5.0, 20.0))["limit"] == "stack"


def test_stack_that_answers_no_more_is_blamed() -> None:
    orders = [*steady(5.0, 10.0, lambda _: 0.2), *(unanswered(at / 5) for at in range(50, 100))]
    observed = result(orders, busy(10.0, 0.1), rate=5.0, duration_s=20.0)
    assert saturation.verdict(observed, constant(5.0, 20.0))["limit"] == "stack"


def test_what_could_not_be_sent_piles_up_with_and_without_orders() -> None:
    for answered in (steady(5.0, 10.0, lambda _: 0.2), []):
        requests = None if answered else [post(at / 5) for at in range(50)]
        dropped = [T0 + at / 5 for at in range(50, 100)]
        observed = result(answered, requests=requests, rate=5.0, duration_s=20.0, dropped=dropped)
        assert saturation.verdict(observed, constant(5.0, 20.0))["limit"] == "stack"


def test_slow_but_steady_is_no_limit() -> None:
    """Five seconds an order, as many done as come."""
    orders = steady(5.0, 60.0, lambda _: 5.0, since=-10.0)
    assert saturation.verdict(result(orders, rate=5.0, duration_s=60.0), constant(5.0, 60.0))["limit"] is None


def test_slow_but_steady_is_no_limit_without_a_warm_up() -> None:
    """What came less than an order's time before the end of a step cannot be done by then, nor as the rate rises."""
    orders = [*steady(5.0, 10.0, lambda _: 3.0), *steady(20.0, 20.0, lambda _: 3.0, since=10.0)]
    steps = Schedule((Step(5.0, 10.0), Step(20.0, 10.0)))
    found = saturation.verdict(result(orders, rate=5.0, duration_s=20.0), steps)
    assert (found["limit"], found["figures"]["window"]["waiting"]) == (None, 59)


def test_slow_orders_that_pile_up_without_a_warm_up_do_so() -> None:
    """From three seconds on each takes longer by half a second a second."""
    orders = steady(20.0, 10.0, lambda at: 3.0 + 0.5 * at)
    found = saturation.verdict(result(orders, busy(10.0, 0.1), rate=20.0, duration_s=10.0), constant(20.0, 10.0))
    assert found["limit"] == "stack"


def test_closed_model_is_judged_without_a_schedule() -> None:
    found = saturation.verdict(result(steady(1.0, 10.0, lambda _: 0.1), rate=None))
    assert found["limit"] is None
