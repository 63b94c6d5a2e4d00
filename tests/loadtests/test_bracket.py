from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loadtests.breakpoint import bracket as module
from loadtests.breakpoint.bracket import LOWEST, TRIES, Bounds, Bracket, Try, bracket, next_rate
from loadtests.breakpoint.words import MAX_STEPS

BOUNDS = Bounds(first=5, most=320, precision=0.1)


def search(keeps: Callable[[float, int], bool], bounds: Bounds = BOUNDS) -> list[Try]:
    """The tries of a whole search; `keeps` is given the rate and the number of the try, from 0."""
    tries: list[Try] = []
    while (rate := next_rate(bounds, tries)) is not None:
        tries.append(Try(rate, keeps(rate, len(tries))))
        assert len(tries) < 200
    return tries


def up_to(capacity: float) -> Callable[[float, int], bool]:
    return lambda rate, _: rate <= capacity


def test_rate_doubles_until_it_breaks_and_is_then_bisected() -> None:
    tries = search(up_to(27))
    assert [rate for rate, *_ in tries] == [5, 10, 20, 40, 28.3, 23.8, 26, 28.3, 28.3]
    assert bracket(tries) == Bracket(26, 28.3)


@pytest.mark.parametrize("wrong", range(8))
def test_one_bad_moment_decides_nothing(wrong: int) -> None:
    tries = search(lambda rate, number: rate <= 27 and number != wrong)
    assert bracket(tries) == Bracket(26, 28.3)


def test_rate_counts_as_broken_when_it_broke_so_often() -> None:
    tries = search(up_to(27))
    assert tries.count(Try(28.3, kept=False)) == TRIES


def test_step_that_began_before_the_stack_was_back_is_no_try() -> None:
    tries = [Try(5, kept=True), Try(5.3, kept=False, fair=False), *[Try(5.3, kept=False)] * (TRIES - 1)]
    assert next_rate(BOUNDS, tries) == 5.3
    assert next_rate(BOUNDS, [*tries, Try(5.3, kept=False)]) is None


def test_no_rate_is_tried_below_the_least() -> None:
    tries = search(up_to(0), Bounds(5, 320, 0.1, least=1.0))
    assert [rate for rate, *_ in tries] == [5, 2.5, 1.25, 1, 1, 1]


def test_search_ends_at_the_highest_rate_that_it_may_try() -> None:
    assert [rate for rate, *_ in search(up_to(1000), Bounds(5, 30, 0.1))] == [5, 10, 20, 30]
    assert bracket(search(up_to(1000))) == Bracket(320, None)


def test_search_goes_down_where_the_first_rate_breaks() -> None:
    tries = search(up_to(2))
    assert [rate for rate, *_ in tries[:3]] == [5, 2.5, 1.25]
    low, high = bracket(tries)
    assert low is not None
    assert high is not None
    assert low <= 2 < high


def test_search_that_nothing_keeps_gives_up() -> None:
    tries = search(up_to(0))
    assert [rate for rate, *_ in tries] == [5, 2.5, 1.25, 0.625, 0.312, 0.312, 0.312]
    assert bracket(tries) == Bracket(None, 0.312)


def test_nothing_tried_is_nothing_known() -> None:
    assert bracket([]) == Bracket(None, None)


@given(
    first=st.floats(0.1, 100),
    growth=st.floats(1, 64),
    precision=st.floats(0.02, 1),
    share=st.floats(0, 1.2),
    wrong=st.none() | st.integers(0, 12),
)
@example(first=5.0, growth=64.0, precision=0.02, share=1.0, wrong=6)
def test_bracket_holds_the_capacity_whatever_it_is(
    first: float, growth: float, precision: float, share: float, wrong: int | None
) -> None:
    bounds = Bounds(first, first * growth, precision)
    capacity = bounds.most * share
    tries = search(lambda rate, number: rate <= capacity and number != wrong, bounds)
    low, high = bracket(tries)
    if low is None:
        assert high is not None
        assert high <= first * LOWEST * 1.01
    else:
        assert low <= capacity
    if high is None:
        assert low == bounds.most
    else:
        assert high > capacity
        if low is not None:
            # Three digits are as fine as it gets: half a percent at the worst.
            assert high <= low * (1 + max(precision, 0.011)) * (1 + 1e-9)


def test_usual_search_needs_less_steps_than_it_may_take() -> None:
    needed = [len(search(up_to(5 * 1.01**number))) for number in range(math.ceil(math.log(64, 1.01)) + 1)]
    assert max(needed) + 4 <= MAX_STEPS
    assert sum(needed) / len(needed) < 12


def found(limit: float, softness: float, chance: random.Random) -> float:
    """What a search finds whose steps break by chance, one in ten, and beyond the limit, sharply (0) or softly: at
    `softness` above it three of four steps break, as far below it one of four.
    """
    tries: list[Try] = []
    while (rate := next_rate(BOUNDS, tries)) is not None and len(tries) < MAX_STEPS:
        beyond = (rate / limit - 1) / (softness / math.log(3)) if softness else math.copysign(math.inf, rate - limit)
        keeps = 0.9 * (1 - math.tanh(beyond / 2)) / 2
        tries.append(Try(rate, chance.random() < keeps))
    return bracket(tries).low or 0.0


@pytest.mark.parametrize(
    ("tries", "softness", "told"), [(3, 0, 98), (3, 0.03, 96), (3, 0.05, 87), (3, 0.1, 66), (2, 0, 88)]
)
def test_so_many_pairs_of_searches_agree(
    monkeypatch: pytest.MonkeyPatch, tries: int, softness: float, told: int
) -> None:
    """The figures of docs/load-testing.md."""
    monkeypatch.setattr(module, "TRIES", tries)
    chance = random.Random(2)
    agree = 0
    for _ in range(400):
        limit = chance.uniform(6, 200)
        one, other = found(limit, softness, chance), found(limit, softness, chance)
        agree += max(one, other) <= 1.15 * min(one, other)
    assert agree / 4 == pytest.approx(told, abs=4)  # 400 pairs: two standard deviations
