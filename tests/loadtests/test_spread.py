from __future__ import annotations

import random
from statistics import median

import pytest

from loadtests.figures.spread import FEWEST, of_median


def run_of(choice: random.Random, count: int, seconds_alike: int) -> list[tuple[float, float]]:
    """Ten orders a second; what is sent within so many seconds shares a part of its latency."""
    shared = [choice.lognormvariate(4, 0.3) for _ in range(count)]
    return [(i / 10, shared[i // (10 * seconds_alike)] + choice.expovariate(0.1)) for i in range(count)]


@pytest.mark.parametrize("samples", [[], [(1.0, 5.0)], [(float(i), 5.0) for i in range(FEWEST - 1)], [(1.0, 5.0)] * 50])
def test_spread_of_too_little_is_not_known(samples: list[tuple[float, float]]) -> None:
    assert of_median(samples) is None


def test_spread_of_equal_samples_is_nothing() -> None:
    assert of_median([(float(i), 5.0) for i in range(100)]) == [5.0, 5.0]


@pytest.mark.parametrize("seconds_alike", [1, 3])
def test_spread_holds_the_true_median_about_as_often_as_it_says(seconds_alike: int) -> None:
    choice = random.Random(1)
    true = median(latency for _, latency in run_of(choice, 200_000, seconds_alike))
    held = 0
    for _ in range(100):
        spread = of_median(run_of(choice, 1200, seconds_alike))
        assert spread is not None
        held += spread[0] <= true <= spread[1]
    assert held >= 85


def test_spread_is_the_same_for_the_same_samples() -> None:
    samples = run_of(random.Random(1), 300, 1)
    assert of_median(samples) == of_median(samples)
