"""The statistics behind a comparison, held against known values and against simulated runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.compare import bootstrap, student
from loadtests.compare.bootstrap import Estimate
from loadtests.compare.change import between, holm
from loadtests.compare.samples import Series

SECONDS, RATE = 60.0, 5.0


def run_of(chance: np.random.Generator, factor: float = 1.0) -> Series:
    """Latencies that wander together over some two seconds."""
    at = np.arange(int(SECONDS * RATE)) / RATE
    kept = math.exp(-1 / (2 * RATE))
    wave = np.empty(len(at))
    wave[0] = chance.normal()
    for number, step in enumerate(chance.normal(size=len(at) - 1), start=1):
        wave[number] = kept * wave[number - 1] + math.sqrt(1 - kept * kept) * step
    return Series(at, 100 * factor * np.exp(0.1 * wave + 0.2 * chance.normal(size=len(at))), SECONDS)


def median(series: Series) -> Estimate:
    (found,) = bootstrap.percentiles(series, (50.0,))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [(0.05, 1, 12.706), (0.05, 2, 4.303), (0.05, 4, 2.776), (0.05, 5, 2.571), (0.01, 10, 3.169), (0.001, 7, 5.408)],
)
def test_quantiles_of_students_t_are_those_of_the_tables(probability: float, freedom: int, expected: float) -> None:
    assert student.quantile(probability, freedom) == pytest.approx(expected, abs=0.0006)
    assert student.two_sided(student.quantile(probability, freedom), freedom) == pytest.approx(probability)


def test_students_t_without_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="0 degrees"):
        student.two_sided(1.0, 0)


def test_interval_holds_no_change_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(60):
        interval = between([median(run_of(chance))], [median(run_of(chance))]).interval()
        assert interval is not None
        held += interval[0] <= 0 <= interval[1]
    assert held >= 53


def test_interval_of_several_runs_knows_that_runs_differ() -> None:
    chance = np.random.default_rng(2)
    sides = [[[Estimate(0.1 * chance.normal(), 0.01) for _ in range(4)] for _ in "ab"] for _ in range(400)]
    intervals = [between(a, b).interval() for a, b in sides]
    held = sum(interval is not None and interval[0] <= 0 <= interval[1] for interval in intervals)
    assert 365 <= held <= 393
    alone = [between(a[:1], b[:1]).interval() for a, b in sides]
    assert sum(interval is not None and interval[0] <= 0 <= interval[1] for interval in alone) < 200


def test_change_is_found_whatever_its_direction() -> None:
    chance = np.random.default_rng(3)
    before, after = median(run_of(chance)), median(run_of(chance, factor=1.2))
    up, down = between([before], [after]), between([after], [before])
    interval = up.interval()
    assert interval is not None
    assert 0 < interval[0] < math.log(1.2) < interval[1]
    assert (down.value, down.error) == (pytest.approx(-up.value), pytest.approx(up.error))


def test_interval_is_never_narrower_than_chance_within_the_runs() -> None:
    alike = [Estimate(1.0, 0.2), Estimate(1.0, 0.2)]
    assert between(alike, alike).error == pytest.approx(0.2)


def test_percentile_without_enough_beyond_it_has_no_error() -> None:
    series = run_of(np.random.default_rng(4))
    known = [each is not None and each.error is not None for each in bootstrap.percentiles(series, (50, 95, 98.5, 99))]
    assert known == [True, True, False, False]


def test_percentiles_do_not_jump_with_stamps_of_whole_milliseconds() -> None:
    """A third of 7 ms samples that become 8 ms moves the median by a part of a millisecond, not by none or by one."""
    at = np.arange(300) / 5.0
    half, more = (Series(at, np.repeat([7.0, 8.0], [sevens, 300 - sevens]), 60.0) for sevens in (200, 100))
    low, high = (math.exp(median(series).value) for series in (half, more))
    assert 7.0 < low < 7.5 < high < 8.0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.sampled_from([50.0, 95.0]))
def test_percentile_lies_between_the_samples(values: list[float], percent: float) -> None:
    series = Series(np.arange(len(values), dtype=float), np.array(values), float(len(values)))
    (found,) = bootstrap.percentiles(series, (percent,))
    assert found is not None
    assert min(values) * 0.999 <= max(math.exp(found.value), 0.0) or min(values) < bootstrap.FINEST_MS
    assert math.exp(found.value) <= max(*values, bootstrap.FINEST_MS) * 1.001


CHANGES = st.integers(-1000, 1000).map(lambda thousandths: thousandths / 1000)


@given(CHANGES, st.one_of(st.none(), CHANGES))
def test_cautious_change_is_never_larger_than_the_measured_one(value: float, machine: float | None) -> None:
    change = between([Estimate(0.0, 0.1)], [Estimate(value, 0.1)])
    cautious = change.cautious(machine)
    assert abs(cautious) <= abs(value)
    assert cautious * value >= 0
    assert machine is not None or cautious == value


@given(st.dictionaries(st.integers(0, 60), st.floats(0, 1), max_size=60))
def test_claims_that_stand_among_many_stand_alone_too(probabilities: dict[int, float]) -> None:
    standing = holm(probabilities)
    assert all(probabilities[each] <= 0.05 for each in standing)
    left = [probability for each, probability in probabilities.items() if each not in standing]
    assert not standing or not left or max(probabilities[each] for each in standing) <= min(left)


def test_sixty_figures_that_did_not_change_rarely_have_one_that_stands() -> None:
    chance = np.random.default_rng(5)
    wrong = sum(bool(holm(dict(enumerate(chance.uniform(size=60))))) for _ in range(400))
    assert wrong <= 400 * 0.05 * 1.7


def test_shares_and_rates_have_errors() -> None:
    at = np.arange(300) / 5.0
    failed = Series(at, (np.arange(300) % 10 == 0).astype(float), 60.0)
    share, rate = bootstrap.share(failed), bootstrap.rate(failed)
    assert share is not None
    assert rate is not None
    assert (share.value, math.exp(rate.value)) == (pytest.approx(0.1), pytest.approx(5.0))
    assert share.error is not None
    assert 0 <= share.error < 0.03
    all_at_once = Series(np.zeros(60), (np.arange(60) < 30).astype(float), 60.0)
    assert bootstrap.share(all_at_once) == Estimate(0.5, None)
    assert bootstrap.share(Series(at[:0], at[:0], 60.0)) is None
    assert bootstrap.rate(Series(at[:0], at[:0], 60.0)) is None
