from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.looks import FunctionLook
from loadtests.saturation import answers
from tests.loadtests.observed import T0, post, result, sample

moments = st.floats(0, 10, allow_nan=False)


def ran(at: float, **by_function: float) -> object:
    return sample(at, functions={name: FunctionLook(0, api_ran_s=seconds) for name, seconds in by_function.items()})


def test_an_answers_time_is_that_of_functions_and_the_rest() -> None:
    samples = [ran(0.0, orders=1.0, authorizer=2.0), ran(1.0, orders=1.05, authorizer=2.05), ran(2.0, orders=9.0)]
    requests = [post(0.1 * at, answer_ms=30.0) for at in range(10)]
    (one,) = answers.slices(result(requests=requests, samples=samples))[:1]
    assert (one.count, one.mean_ms, one.outside_ms) == (10, pytest.approx(30.0), pytest.approx(20.0))


def test_few_answers_share_a_slice() -> None:
    requests = [post(0.5 * at, answer_ms=30.0) for at in range(12)]
    samples = [ran(float(at), orders=0.02 * at) for at in range(7)]
    found = answers.slices(result(requests=requests, samples=samples))
    assert [each.count for each in found] == [6, 6]
    assert [each.outside_ms for each in found] == pytest.approx([20.0, 20.0])


def test_slices_of_few_answers_are_left_out_and_a_counter_that_began_anew_too() -> None:
    few = [post(0.1 * at) for at in range(4)]
    assert answers.slices(result(requests=few, samples=[ran(0.0, orders=1.0), ran(1.0, orders=2.0)])) == []
    many = [post(0.1 * at) for at in range(9)]
    assert answers.slices(result(requests=many, samples=[ran(0.0, orders=1.0), ran(1.0, orders=0.5)])) == []


def test_engine_that_does_not_tell_gives_no_slices() -> None:
    samples = [sample(0.0, functions={"orders": FunctionLook(1)}), sample(1.0, functions={"orders": FunctionLook(1)})]
    assert answers.slices(result(requests=[post(0.1 * at) for at in range(9)], samples=samples)) == []


def test_functions_that_ran_for_others_too_leave_nothing_below_zero() -> None:
    (one,) = answers.slices(
        result(requests=[post(0.1 * at) for at in range(9)], samples=[ran(0.0, orders=0.0), ran(1.0, orders=9.0)])
    )
    assert one.outside_ms == 0


@given(
    st.lists(st.tuples(moments, st.floats(0, 5000)), max_size=60),
    st.lists(st.tuples(moments, st.floats(0, 2)), min_size=2, max_size=8, unique_by=lambda each: each[0]),
)
def test_no_answer_is_counted_twice_or_missed(
    answered: list[tuple[float, float]], looks: list[tuple[float, float]]
) -> None:
    looks.sort()
    total = 0.0
    samples = [ran(at, orders=(total := total + grown)) for at, grown in looks]
    requests = [post(at, answer_ms=ms) for at, ms in answered]
    found = answers.slices(result(requests=requests, samples=samples))
    for each in found:
        inside = [r for r in requests if each.since < r.sent + r.service_ms / 1000 <= each.until]
        assert each.count == len(inside) >= answers.FEWEST
        assert each.answer_ms == pytest.approx(sum(r.service_ms for r in inside), abs=1e-3)
        assert 0 <= each.outside_ms <= each.mean_ms + 1e-6
    if found:
        whole = answers.within(found, T0 - 1, T0 + 11)
        assert whole is not None
        assert whole.count == sum(each.count for each in found)
    calm = answers.calmest(result(requests=requests, samples=samples))
    by_twenty = answers.slices(result(requests=requests, samples=samples), fewest=20)
    assert (calm is None) == (by_twenty == [])
    if calm is not None:
        assert calm.count >= 20
        assert all(calm.outside_ms <= each.outside_ms for each in by_twenty)
