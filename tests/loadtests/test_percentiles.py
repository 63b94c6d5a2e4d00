import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loadtests.percentiles import latency


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
    assert latency([12.34])["p50_ms"] == latency([12.34])["max_ms"] == 12.3


@given(st.lists(st.floats(-10, 1e6), min_size=1))
def test_latency_grows_with_the_percentile(samples: list[float]) -> None:
    found = latency(samples)
    assert found["count"] == len(samples)
    values = [found[key] for key in ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms")]  # type: ignore[literal-required]
    assert values == sorted(values)
    assert abs(found["p95_ms"] - np.percentile(samples, 95)) <= 0.0501  # type: ignore[operator]
