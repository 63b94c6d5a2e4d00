from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.address import resolve
from loadtests.clock import Offset, estimate, narrowed
from loadtests.stack import connect
from tests.loadtests.conftest import FakeStack


def cut(seconds: float) -> float:
    """As SQS tells it: whole milliseconds."""
    return int(seconds * 1000) / 1000


@given(
    st.floats(-3600, 3600),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=10),
)
def test_offset_lies_within_its_uncertainty(ahead_s: float, ways: list[tuple[float, float]]) -> None:
    exchanges = [(t, t + there + back, cut(t + there + ahead_s)) for t, (there, back) in enumerate(ways, 10_000)]
    offset = narrowed(exchanges)
    assert offset is not None
    assert abs(offset.ahead_s - ahead_s) <= offset.uncertainty_s + 1e-6
    assert offset.uncertainty_s <= min(there + back for there, back in ways) / 2 + 0.0006


def test_offset_without_an_exchange_is_not_known() -> None:
    assert narrowed([]) is None


@pytest.mark.parametrize(("ahead_s", "shift_s"), [(0.002, 0.0), (-0.003, 0.0), (0.0031, 0.0031), (-5.0, -5.0)])
def test_times_are_shifted_only_by_what_the_clocks_differ_for_sure(ahead_s: float, shift_s: float) -> None:
    assert Offset(ahead_s, 0.003).shift_s == pytest.approx(shift_s, abs=1e-6)


@given(st.floats(1.7e9, 2e9), st.floats(-3600, 3600), st.floats(0, 86_400))
def test_time_that_is_shifted_there_and_back_is_the_same(start: float, ahead_s: float, after_s: float) -> None:
    shift_s = Offset(ahead_s, 0.0).shift_s
    assert (start - shift_s + after_s) + shift_s == start + after_s


@pytest.mark.parametrize("behind_s", [0.0, 30.0, -30.0])
def test_clock_that_is_wrong_is_found(stack: FakeStack, behind_s: float) -> None:
    aws = connect(resolve(stack.url))
    queue_url = aws.sqs.create_queue(QueueName=f"clock-{behind_s:g}")["QueueUrl"]
    try:
        offset = estimate(aws, queue_url, lambda: time.time() - behind_s)
    finally:
        aws.sqs.delete_queue(QueueUrl=queue_url)  # the stack is other tests' too
    assert offset is not None
    assert abs(offset.ahead_s - behind_s) <= offset.uncertainty_s + 0.001
    assert offset.shift_s == (pytest.approx(behind_s, abs=offset.uncertainty_s + 0.001) if behind_s else 0)


def test_clock_of_a_stack_that_does_not_answer_is_not_known() -> None:
    assert estimate(connect(resolve("http://127.0.0.1:9")), "http://127.0.0.1:9/000000000000/none") is None
