from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.arrivals.recorded import Recorded
from loadtests.arrivals.schedule import Share

instants = st.lists(st.floats(0, 1000, exclude_max=True), min_size=1, max_size=50, unique=True).map(sorted)


@given(instants, st.integers(1, 7))
def test_shares_are_parts_of_the_whole(at: list[float], workers: int) -> None:
    recorded = Recorded(tuple(at), 1000.0)
    parts = [list(recorded.offsets(share=Share(index, workers))) for index in range(workers)]
    assert sorted(chain.from_iterable(parts)) == at == list(recorded.offsets("poisson", warmup_s=5.0, seed=3))


@given(instants, st.floats(0.1, 2000))
def test_windows_are_the_whole_run_and_all_that_arrives(at: list[float], duration_s: float) -> None:
    at = sorted({min(each * duration_s / 1000, duration_s * 0.999) for each in at})
    windows = list(Recorded(tuple(at), duration_s).windows())
    assert 1 <= len(windows) <= 12
    assert (windows[0].from_s, windows[-1].to_s) == (0, duration_s)
    assert all(one.to_s == other.from_s for one, other in pairwise(windows))
    assert sum((each.to_s - each.from_s) * each.rate for each in windows) == pytest.approx(len(at))


@given(instants)
def test_peak_is_the_most_within_a_second(at: list[float]) -> None:
    assert Recorded(tuple(at), 1000.0).peak == max(sum(one <= other < one + 1.0 for other in at) for one in at)
