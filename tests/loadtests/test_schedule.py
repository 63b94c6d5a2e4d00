from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.arrivals.schedule import PATTERNS, Pattern, Schedule, Share, Step, Window, constant

rates = st.floats(0.01, 500)
durations = st.floats(0.01, 60)
schedules = st.lists(st.builds(Step, st.floats(0.01, 200), st.floats(0.01, 10)), min_size=1, max_size=5).map(
    lambda steps: Schedule(tuple(steps))
)
patterns = st.sampled_from(PATTERNS)
ramp = Schedule(tuple(Step(rate, 2.0) for rate in (2.0, 4.0, 6.0, 8.0, 10.0)))


@given(rates, durations)
def test_offsets_of_one_rate_are_multiples_of_the_period_within_the_duration(rate: float, duration: float) -> None:
    schedule = constant(rate, duration)
    found = list(schedule.offsets())
    assert found == [i / rate for i in range(len(found))]
    assert len(found) == schedule.count == math.ceil(rate * duration - 1e-6)
    assert found[-1] < duration


@pytest.mark.parametrize(("rate", "duration", "count"), [(5, 60, 300), (0.1, 30, 3), (3, 0.1, 1), (7, 10, 70)])
def test_offsets_of_a_whole_number_of_periods_are_as_many(rate: float, duration: float, count: int) -> None:
    assert len(list(constant(rate, duration).offsets())) == constant(rate, duration).count == count


@given(schedules)
def test_offsets_of_steps_are_where_the_cumulative_rate_is_whole(schedule: Schedule) -> None:
    found = list(schedule.offsets())
    assert len(found) == schedule.count
    due = [sum(rate * (min(at, to) - begin) for begin, to, rate in schedule.windows() if begin < at) for at in found]
    assert due == pytest.approx(list(range(len(found))), abs=1e-5)


def test_offsets_of_a_ramp_are_as_many_in_each_step_as_its_rate_asks_for() -> None:
    found = list(ramp.offsets())
    counts = [sum(window.from_s <= at < window.to_s for at in found) for window in ramp.windows()]
    assert counts == [4, 8, 12, 16, 20]
    assert ramp.count == 60


@given(schedules, patterns, st.floats(0, 20), st.integers(0, 3))
def test_offsets_of_the_warmup_are_negative_and_do_not_move_the_others(
    schedule: Schedule, pattern: Pattern, warmup: float, seed: int
) -> None:
    found = list(schedule.offsets(pattern, warmup_s=warmup, seed=seed))
    assert found == sorted(found)
    assert [at for at in found if at >= 0] == list(schedule.offsets(pattern, seed=seed))
    assert all(at >= -warmup - 1e-3 for at in found)


def test_warmup_is_at_the_first_rate() -> None:
    assert [at for at in ramp.offsets(warmup_s=2.0) if at < 0] == [-2.0, -1.5, -1.0, -0.5]


@given(schedules, patterns, st.floats(0, 5), st.integers(1, 8), st.integers(0, 3))
def test_shares_together_are_all_arrivals_once(
    schedule: Schedule, pattern: Pattern, warmup: float, of: int, seed: int
) -> None:
    shares = [
        list(schedule.offsets(pattern, warmup_s=warmup, share=Share(index, of), seed=seed)) for index in range(of)
    ]
    assert sorted(at for share in shares for at in share) == list(schedule.offsets(pattern, warmup_s=warmup, seed=seed))


def test_poisson_gaps_are_those_of_a_poisson_process() -> None:
    gaps = [later - earlier for earlier, later in pairwise(constant(20, 1_000).offsets("poisson", seed=3))]
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert mean == pytest.approx(1 / 20, rel=0.03)
    assert deviation == pytest.approx(mean, rel=0.05)
    assert sum(gap > 3 / 20 for gap in gaps) / len(gaps) == pytest.approx(math.exp(-3), rel=0.1)


def test_poisson_arrivals_follow_the_steps() -> None:
    schedule = Schedule((Step(10.0, 500.0), Step(100.0, 50.0), Step(10.0, 500.0)))
    found = list(schedule.offsets("poisson", seed=1))
    counts = [sum(window.from_s <= at < window.to_s for at in found) for window in schedule.windows()]
    assert counts == [pytest.approx(5_000, rel=0.05)] * 3


def test_jittered_arrivals_are_one_in_each_period_in_step_with_nothing() -> None:
    found = list(constant(20, 100).offsets("jittered", warmup_s=2.0, seed=3))
    assert [math.floor(at * 20) for at in found] == list(range(-40, 2_000))
    assert sum(at * 20 % 1 < 0.5 for at in found) / len(found) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("pattern", ["jittered", "poisson"])
def test_random_process_is_its_seed_s(pattern: Pattern) -> None:
    first, again, other = (list(constant(5, 60).offsets(pattern, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_rate_at_is_that_of_the_step() -> None:
    assert [ramp.rate_at(at) for at in (-1, 0, 1.9, 2, 9.9, 10)] == [2, 2, 2, 4, 10, 0]
    assert list(ramp.windows())[1] == Window(2.0, 4.0, 4.0)
    assert (ramp.duration_s, ramp.peak) == (10, 10)


def test_arrivals_are_exact_after_hours() -> None:
    last = list(constant(3, 24 * 3600).offsets())[-1]
    assert last == (3 * 24 * 3600 - 1) / 3


@pytest.mark.parametrize("steps", [(), (Step(0, 1),), (Step(1, 0),), (Step(1, 1), Step(-1, 1))])
def test_schedule_without_a_load_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Schedule(steps)
