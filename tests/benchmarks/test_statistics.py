"""Medians, spreads, ratios."""

from math import inf

import pytest

from benchmarks.statistics import Figure, figure, percentile, ratio


def test_percentile_interpolates() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.5


def test_percentile_of_nothing_is_none() -> None:
    assert percentile([], 50) is None


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (99, None)])
def test_percentile_among_what_never_ended_is_none(percent: float, expected: float | None) -> None:
    assert percentile([1.0, 1.5, 2.0, 3.0, inf], percent) == expected


def test_figure_is_the_median_with_its_spread() -> None:
    assert figure([3.0, None, 1.0, 10.0]) == Figure(3.0, 1.0, 10.0, 3)


def test_figure_without_a_value_is_none() -> None:
    assert figure([None, None]) is None


def test_ratio_is_of_the_medians_and_spreads_over_the_rounds() -> None:
    assert ratio([10.0, 20.0, 40.0], [10.0, 5.0, 5.0]) == Figure(4.0, 1.0, 8.0, 3)


def test_ratio_to_what_was_measured_in_one_round_only() -> None:
    assert ratio([10.0, 20.0, 30.0], [5.0, None, None]) == Figure(4.0, 2.0, 4.0, 1)


def test_ratio_to_nothing_is_none() -> None:
    assert ratio([1.0], [None]) is None
    assert ratio([1.0], [0.0]) is None
