import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.percentiles import latency

PERCENTS = {"p50_ms": 50, "p90_ms": 90, "p95_ms": 95, "p99_ms": 99, "max_ms": 100}


def test_latency_without_samples_has_no_values() -> None:
    assert latency([]) == {
        "count": 0,
        "p50_ms": None,
        "p90_ms": None,
        "p95_ms": None,
        "p99_ms": None,
        "max_ms": None,
    }


def test_latency_of_one_sample_is_that_sample() -> None:
    assert latency([12.34])["p50_ms"] == latency([12.34])["max_ms"] == pytest.approx(12.34, rel=0.001)


def test_latency_below_0_counts_as_0_and_above_a_day_as_a_day() -> None:
    assert latency([-5.0])["max_ms"] == 0
    assert latency([1e12])["max_ms"] == pytest.approx(24 * 3600 * 1000, rel=0.001)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_latency_is_the_sample_of_the_nearest_rank(samples: list[float]) -> None:
    found = latency(samples)
    assert found["count"] == len(samples)
    ranked = sorted(samples)
    for key, percent in PERCENTS.items():
        rank = max(1, int(percent * len(samples) / 100 + 0.5))
        assert found[key] == pytest.approx(ranked[rank - 1], rel=0.001, abs=0.0006)  # type: ignore[literal-required]


@given(st.lists(st.floats(1, 1e4), min_size=200, max_size=300))
def test_latency_of_many_samples_is_numpys(samples: list[float]) -> None:
    exact = np.percentile(samples, 99, method="lower"), np.percentile(samples, 99, method="higher")
    assert exact[0] * 0.999 <= latency(samples)["p99_ms"] <= exact[1] * 1.001  # type: ignore[operator]
