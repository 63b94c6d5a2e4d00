"""Each sign of a limit, by itself and against the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import saturation
from loadtests.arrivals.schedule import constant
from loadtests.looks import FunctionLook, QueueLook, Sample
from loadtests.records import Request
from loadtests.result import Result
from tests.loadtests.observed import T0, order, post, result, sample, steady

FULL: dict[str, Any] = {"cpu_percent": 99.0}


def seconds(engine: float | None = 0.3, **changes: Any) -> list[Sample]:
    """A sample a second; so much of a core for the engine, if it tells. Changes may depend on the second."""
    return [
        sample(
            float(at),
            cpu_s={} if engine is None else {"engine": 50 + at * engine},
            **{name: each(at) if callable(each) else each for name, each in changes.items()},
        )
        for at in range(-2, 23)
    ]


def judged(observed: Result, rate: float = 10.0, duration_s: float = 20.0) -> dict[str, Any]:
    return saturation.verdict(observed, constant(rate, duration_s))


def ordered(samples: list[Sample], latency_s: float = 0.2, **changes: Any) -> dict[str, Any]:
    """The verdict about twenty seconds of ten orders a second."""
    orders = steady(10.0, 20.0, lambda _: latency_s)
    return judged(result(orders, samples, rate=10.0, duration_s=20.0, **changes))


def backlog(samples: list[Sample], **changes: Any) -> dict[str, Any]:
    """The same; each order takes longer than the one before."""
    orders = steady(10.0, 20.0, lambda at: 0.2 + at)
    return judged(result(orders, samples, rate=10.0, duration_s=20.0, **changes))


def functions(**told: Any) -> dict[str, Any]:
    """What the engine tells of the function `orders` at both ends of a run of 99 invocations."""
    return {
        "functions_before": {"orders": {"invocations": 1, "throttles": 0}},
        "functions_after": {"orders": {"invocations": 100, "throttles": 0, **told}},
    }


def counting(found: dict[str, Any]) -> list[str]:
    return [each["what"] for each in found["figures"]["signs"] if each["counts"]]


def test_reads_that_leave_late_beside_what_they_take_are_not_the_generators_fault() -> None:
    """Sixty milliseconds of two seconds."""
    reads = [
        Request(T0 + at / 10, T0 + at / 10, T0 + at / 10 + 0.06, "GET", "/products/{productId}", 200, 2000.0, None)
        for at in range(200)
    ]
    found = judged(result([], seconds(), requests=reads, scenario="catalog", rate=10.0, duration_s=20.0))
    assert found["limit"] != "generator"
    soon = [each._replace(service_ms=20.0) for each in reads]
    found = judged(result([], seconds(), requests=soon, scenario="catalog", rate=10.0, duration_s=20.0))
    assert (found["limit"], found["reason"]) == ("generator", "arrivals left up to 60.0 ms late (p99)")


@pytest.mark.parametrize(
    ("used_s", "late_from", "expected"),
    [
        pytest.param(lambda at: 1.2 * at, 0, "sandbox", id="the sandbox uses the processors"),
        pytest.param(lambda at: 0.2 * at, 0, "generator", id="others use them"),
        pytest.param(lambda at: 1.2 * min(at, 10.0), 12, "generator", id="the sandbox used them before"),
    ],
)
def test_what_took_the_processors_while_arrivals_were_late_limits_the_load(
    monkeypatch: pytest.MonkeyPatch, used_s: Callable[[float], float], late_from: int, expected: str
) -> None:
    """The engine has 0.45 of two processors all the while; nothing piles up."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    samples = [
        sample(float(at), cpu_percent=99.0, cpu_s={"engine": 50 + at * 0.45, "functions": 50 + used_s(at)})
        for at in range(-2, 23)
    ]
    orders = [order(at / 10, 0.3, late_s=0.09 if at / 10 >= late_from else 0.0) for at in range(200)]
    found = judged(result(orders, samples, rate=10.0, duration_s=20.0))
    assert found["limit"] == expected
    assert found["reason"].startswith("arrivals left up to 90.0 ms late (p99)")
    assert ("the sandbox used 82 % of this machine's processors" in found["reason"]) == (expected == "sandbox")
    assert saturation.is_late(found)
    assert not saturation.is_late(ordered(samples))


@pytest.mark.parametrize(("process_s", "expected"), [(19.5, "generator"), (10.0, "sandbox")])
def test_generator_without_a_core_left_is_blamed_before_the_sandbox(process_s: float, expected: str) -> None:
    counters = {0: {"process_s": process_s, "probe_s": 1.0, "wall_s": 20.0}, 1: {"process_s": 2.0, "wall_s": 20.0}}
    found = backlog(seconds(0.99), counters=counters)
    assert found["limit"] == expected
    if expected == "generator":
        assert "used 98 % of the one core" in found["reason"]
        assert found["hint"].startswith("WORKERS=2 ")
        assert "LocalStack, which can use one core" in counting(found)


def test_users_in_a_loop_are_limited_by_what_has_used_up_its_processors() -> None:
    def looped(**changes: Any) -> Any:
        samples = seconds(**changes)
        return saturation.verdict(result(steady(10.0, 20.0, lambda _: 0.2), samples, rate=None, duration_s=20.0))

    assert looped(engine=0.97)["limit"] == "sandbox"
    assert looped(engine=0.97)["reason"] == "LocalStack used 0.97 of the one processor that it can use"
    assert looped(**FULL)["limit"] == "sandbox"
    assert looped()["limit"] is None


@pytest.mark.parametrize("samples", [seconds(), seconds(0.99, **FULL)])
def test_reserved_concurrency_that_turned_work_away_is_the_stacks_however_busy_the_machine_is(
    samples: list[Sample],
) -> None:
    told = functions(throttles=11, throttles_by={"reserved": 11}, reserved_concurrency=1)
    for found in (ordered(samples, **told), backlog(samples, **told)):
        assert found["limit"] == "stack"
        assert found["reason"] == "its reserved concurrency turned orders away 11 times, 10 % of its invocations"
        assert found["hint"] == "orders: raise its reserved concurrency, or make it faster"
        assert found["figures"]["stack"] == {
            "throttled": {"orders": {"by": "reserved", "count": 11, "percent": 10.0}},
            "answers_429": 0,
            "limits": {"orders": {"reserved": 1, "maximum": {}}},
        }


def test_a_throttle_in_a_thousand_invocations_limits_nothing() -> None:
    told = functions(invocations=1001, throttles=5, throttles_by={"account": 5})
    found = ordered(seconds(), **told)
    assert (found["limit"], found["reason"]) == (None, "nothing piled up")
    assert "turned functions away 5 times (orders 5)" in found["evidence"]
    assert backlog(seconds(0.99), **told)["limit"] == "sandbox"
    assert backlog(seconds(0.3), **told)["limit"] == "stack"


def test_throttles_of_an_earlier_run_are_none_of_this_one() -> None:
    counts = {"invocations": 100, "throttles": 50, "throttles_by": {"reserved": 50}}
    found = ordered(seconds(), functions_before={"orders": counts}, functions_after={"orders": counts})
    assert found["limit"] is None
    assert found["figures"]["stack"]["throttled"] == {}


def test_invocations_that_find_no_room_on_this_machine_are_the_sandboxs() -> None:
    found = ordered(seconds(), **functions(throttles=3, throttles_by={"environments": 3}))
    assert found["limit"] == "sandbox"
    assert found["reason"].endswith("no more environments, turned orders away 3 times, 3 % of its invocations")
    assert "3 invocations were turned away because this machine" in found["evidence"]
    assert found["figures"]["stack"]["throttled"] == {}


def test_full_processors_are_told_beside_what_found_no_room() -> None:
    few = functions(throttles=1, throttles_by={"environments": 1})
    told = "orders away 1 times, 1 % of its invocations, and this machine's processors were 99 % busy"
    assert ordered(seconds(cpu_percent=99.0), **few)["reason"].endswith(told)
    assert backlog(seconds(cpu_percent=99.0), **few)["reason"].endswith(f"{told} while work piled up at 10 a second")


def test_one_invocation_in_a_hundred_thousand_that_finds_no_room_limits_nothing() -> None:
    found = ordered(seconds(), **functions(invocations=100_001, throttles=1, throttles_by={"environments": 1}))
    assert (found["limit"], found["reason"]) == (None, "nothing piled up")
    assert found["figures"]["sandbox"]["no_room"] == 1
    assert ordered(seconds(0.95), **functions(invocations=10_001, throttles_by={"environments": 5}))["limit"] is None


def test_throttles_without_a_look_before_the_run_may_be_of_another_one() -> None:
    told = functions(throttles=99, throttles_by={"reserved": 50, "environments": 49})
    found = ordered(seconds(), **{**told, "functions_before": None})
    assert found["limit"] is None
    assert (found["figures"]["stack"]["throttled"], found["figures"]["sandbox"]["no_room"]) == ({}, None)
    values = {each["what"]: each["value"] for each in found["figures"]["signs"]}
    assert values["invocations of a function that its limit turned away"] is None
    assert values["invocations of a function for which there was no room on this machine"] is None


def test_requests_that_api_gateway_throttles_are_the_stacks() -> None:
    refused = [post(at / 10)._replace(status=429 if at % 20 == 0 else 202) for at in range(200)]
    found = ordered(seconds(0.99, **FULL), requests=refused)
    assert (found["limit"], found["figures"]["stack"]["answers_429"]) == ("stack", 10)
    assert found["reason"] == "API Gateway answered 10 requests with 429, 5 % of them"


def queue(depth: float, age_s: float, *, feeds: bool = True) -> Any:
    """By the second, what piles up in the queue `images` from the window's beginning on."""
    return lambda at: {
        "payments": QueueLook(1, 0.1),
        "images": QueueLook(int(depth * max(0, at)), age_s * max(0, at), feeds),
    }


def test_a_queue_that_grows_beside_the_orders_is_seen() -> None:
    """Every order is decided in time, its mail is not."""
    found = ordered(seconds(queues=queue(depth=4, age_s=0.4)))
    assert found["limit"] == "stack"
    assert found["reason"] == "the queue images grew from 8 to 76 messages, its oldest from 0.8 to 7.6 s"
    assert found["figures"]["window"]["queues"] == {
        "images": {"depth": [8, 76], "age_s": [0.8, 7.6], "age_growth_s_per_s": 0.4}
    }
    assert "nothing piled up" not in found["evidence"]
    assert ordered(seconds(0.95, queues=queue(depth=4, age_s=0.4)))["limit"] == "sandbox"


@pytest.mark.parametrize(
    "queues",
    [
        pytest.param(queue(depth=0.05, age_s=1.0), id="one message waits for its redelivery"),
        pytest.param(queue(depth=9, age_s=0.0), id="messages are delayed on purpose"),
        pytest.param(queue(depth=0.9, age_s=0.05), id="nine in a hundred are not taken"),
        pytest.param(queue(depth=4, age_s=1.0, feeds=False), id="nobody ever takes from it"),
    ],
)
def test_a_queue_that_only_seems_to_grow_is_no_limit(queues: Any) -> None:
    assert ordered(seconds(queues=queues))["limit"] is None


@pytest.mark.parametrize("queues", [queue(depth=4, age_s=1.0), queue(depth=4, age_s=0.4, feeds=False)])
def test_a_consumer_that_stands_still_or_is_no_function_is_seen(queues: Any) -> None:
    assert ordered(seconds(queues=queues))["limit"] == "stack"


@pytest.mark.parametrize(("at_once", "expected"), [(2, "stack"), (1, "sandbox")])
def test_maximum_concurrency_in_use_holds_up_its_queue(at_once: int, expected: str) -> None:
    samples = seconds(0.99, queues=queue(4, 0.4), functions={"orders": FunctionLook(at_once)})
    found = ordered(samples, **functions(maximum_concurrency={"images": 2}))
    assert found["limit"] == expected
    if expected == "stack":
        assert found["reason"] == "orders ran 2 times at once, which is all that the mapping of the queue images allows"


def test_function_at_its_maximum_concurrency_is_told_whatever_its_name() -> None:
    """`audit`, whose queue grew as well, is never at its limit."""

    def growing(at: int) -> dict[str, QueueLook]:
        return dict.fromkeys(("audits", "images"), QueueLook(4 * max(0, at), 0.4 * max(0, at)))

    samples = seconds(queues=growing, functions={"audit": FunctionLook(1), "orders": FunctionLook(2)})
    limits = {"audit": {"audits": 5}, "orders": {"images": 2}}
    told = {name: {"invocations": 9, "throttles": 0, "maximum_concurrency": most} for name, most in limits.items()}
    found = ordered(samples, functions_before={}, functions_after=told)
    assert found["reason"] == "orders ran 2 times at once, which is all that the mapping of the queue images allows"


def test_maximum_concurrency_in_use_limits_nothing_while_its_queue_is_empty() -> None:
    samples = seconds(functions={"orders": FunctionLook(2)})
    assert ordered(samples, **functions(maximum_concurrency={"images": 2}))["limit"] is None


def answering(function_ms: float) -> list[Sample]:
    """Functions ran so long for each of ten requests a second; the processors have room."""
    return seconds(functions=lambda at: {"orders": FunctionLook(1, busy_s=0.0, api_ran_s=(at + 2) * function_ms / 100)})


def slowing(at: int) -> Request:
    """Twenty milliseconds at first, one and a half seconds at the end."""
    return post(at / 10, answer_ms=20 + 7.5 * at)


@pytest.mark.parametrize(("function_ms", "expected"), [(5.0, "sandbox"), (900.0, "stack")])
def test_answers_that_wait_outside_of_functions_are_the_sandboxs(function_ms: float, expected: str) -> None:
    found = backlog(answering(function_ms), requests=[slowing(at) for at in range(200)])
    assert found["limit"] == expected
    if expected == "sandbox":
        told = found["figures"]["sandbox"]["answer"]
        assert told["then"]["outside_ms"] > 5 * told["calm"]["outside_ms"]
        assert told["then"]["function_ms"] == pytest.approx(5.0, rel=0.1)  # it answers later than it is asked
        assert "ms outside of functions" in found["reason"]


def test_a_second_in_which_functions_seem_to_have_run_for_all_of_it_is_not_the_calmest() -> None:
    """In one, what they ran for others is counted too: 45 of the 65 ms of its five answers are no longer outside."""
    ran_s = {at: 0.025 * (at + 2) + (0.2 if at >= 3 else 0.0) for at in range(-2, 23)}
    samples = seconds(functions=lambda at: {"orders": FunctionLook(1, api_ran_s=ran_s[at])})
    found = backlog(samples, requests=[post(at / 5, answer_ms=65) for at in range(-10, 100)])
    assert found["figures"]["sandbox"]["answer"]["calm"]["outside_ms"] > 40
    assert found["limit"] == "stack"


def test_answers_that_slow_down_while_nothing_piles_up_are_no_limit() -> None:
    assert ordered(answering(5.0), requests=[slowing(at) for at in range(200)])["limit"] is None


def test_invocations_at_once_are_those_of_the_window() -> None:
    samples = seconds(functions=lambda at: {"orders": FunctionLook(3, busy_s=100 + 0.25 * at)})
    assert ordered(samples)["figures"]["sandbox"]["invocations_at_once"] == pytest.approx(0.25)


def test_machine_is_known_to_be_busy_though_no_look_came_to_its_end_in_the_window() -> None:
    """The engine was too busy to answer; what was looked at next is of all the time since the look before."""
    sparse = [sample(-1.0, cpu_s={"engine": 1.0}, cpu_percent=10.0), sample(24.0, cpu_s={"engine": 9.0}, **FULL)]
    found = backlog(sparse)
    assert found["limit"] == "sandbox"
    assert found["figures"]["sandbox"]["machine_percent"] == pytest.approx(99.0)


def test_what_nobody_tells_is_null_and_no_sign() -> None:
    found = saturation.verdict(result([order(0, 0.2)], [], rate=10.0, duration_s=20.0), constant(10.0, 20.0))
    sandbox = found["figures"]["sandbox"]
    assert (sandbox["cores"], sandbox["machine_percent"], sandbox["invocations_at_once"]) == ({}, None, None)
    assert sandbox["answer"] == {"calm": None, "then": None}
    assert found["figures"]["generator"]["busiest_process_percent"] is None
    assert counting(found) == []


def test_run_that_never_began_has_no_verdict() -> None:
    found = judged(result([], [], rate=10.0, duration_s=20.0, ended_s=0.0))
    assert (found["limit"], found["reason"]) == (None, "nothing piled up")


@settings(max_examples=60)
@given(
    slower=st.sampled_from([0.0, 0.05, 1.0]),
    engine=st.sampled_from([None, 0.2, 0.95]),
    cpu_percent=st.floats(0, 100),
    late_s=st.sampled_from([0.0, 0.3]),
    throttles=st.dictionaries(st.sampled_from(["reserved", "account", "environments"]), st.integers(1, 60), max_size=2),
    depth=st.floats(0, 20),
    age_s=st.floats(0, 1),
    is_loop=st.booleans(),
)
def test_verdict_has_a_sign_that_counts_and_no_verdict_has_none_that_would_do(
    slower: float,
    engine: float | None,
    cpu_percent: float,
    late_s: float,
    throttles: dict[str, int],
    depth: float,
    age_s: float,
    is_loop: bool,
) -> None:
    orders = [order(at, 0.2 + late_s + slower * at, late_s=late_s) for at in range(20)]
    told = functions(throttles=sum(throttles.values()), throttles_by=throttles)
    samples = seconds(engine, cpu_percent=cpu_percent, queues=queue(depth, age_s))
    observed = result(orders, samples, rate=None if is_loop else 1.0, duration_s=20.0, **told)
    found = saturation.verdict(observed, None if is_loop else constant(1.0, 20.0))

    signs = [each["limit"] for each in found["figures"]["signs"] if each["counts"]]
    for each in found["figures"]["signs"]:
        assert not each["counts"] or each["value"] >= each["at_least"]
    match found["limit"]:
        case "generator" | "sandbox" as limit:
            assert limit in signs
        case "stack":
            assert "stack" in signs or (None in signs and "sandbox" not in signs)
        case None:
            assert "generator" not in signs
            assert "stack" not in signs
            assert None not in signs
            assert found["reason"] == "nothing piled up"
    assert found["reason"]
    assert found["hint"]
