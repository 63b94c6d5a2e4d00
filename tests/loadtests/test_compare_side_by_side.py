"""Two runs at the same time: both had the same machine, whatever it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loadtests import times
from loadtests.compare import bootstrap
from loadtests.compare.change import between
from loadtests.compare.samples import Series
from tests.loadtests.comparing import compare, verdicts
from tests.loadtests.made_reports import Made

CROWDED = {"run": Made().summary()["run"] | {"machine": {"processors": 2, "busy_percent": 70.0, "others": 0.6}}}
UNEVEN: dict[str, Any] = {"between": 0.3, "unseen": 0.1, "changes": CROWDED}


def beside(folder: Path, seed: int, minute: int, **words: Any) -> str:
    Made(seed, minute=minute, **(UNEVEN | words)).write(folder / f"run-{seed}")
    return f"run-{seed}"


def test_machine_that_both_had_is_compared_away(tmp_path: Path) -> None:
    told = compare(tmp_path, beside(tmp_path, 1, 7), beside(tmp_path, 2, 7))
    assert (told["verdict"]["word"], told["side_by_side"]) == ("the same", True)
    assert "Both ran at the same time" in told["verdict"]["sentence"]
    assert told["differences"] == []


def test_service_that_is_a_fifth_slower_is_worse_on_an_uneven_machine(tmp_path: Path) -> None:
    told = compare(tmp_path, beside(tmp_path, 1, 8), beside(tmp_path, 2, 8, slower={"payments": 1.2}))
    found = verdicts(told)
    assert told["verdict"]["word"] == found["payments running p50"] == "worse"
    assert (found["orders running p50"], found["inventory running p50"]) == ("the same", "the same")


def test_arrivals_in_step_make_no_latency_worse(tmp_path: Path) -> None:
    a, b = (beside(tmp_path, seed, 9, pattern="even", slower={"payments": seed}) for seed in (1, 2))
    told = compare(tmp_path, a, b)
    assert told["verdict"]["word"] == "not enough data"
    assert [each for each in told["differences"] if "in step: give ARRIVALS=jittered" in each]


@pytest.mark.parametrize(("apart_s", "side_by_side"), [(-2.0, False), (1.0, True), (2.0, False)])
def test_runs_of_a_minute_began_within_half_a_slice(tmp_path: Path, apart_s: float, *, side_by_side: bool) -> None:
    one = Made(1)
    one.write(tmp_path / "a")
    Made(2, changes={"started_at": times.render(one.t0 + apart_s)}).write(tmp_path / "b")
    assert compare(tmp_path, "a", "b")["side_by_side"] is side_by_side


def test_interval_of_runs_side_by_side_holds_no_change_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(4)
    held = narrower = 0
    for _ in range(60):
        wave = np.repeat(0.3 * chance.normal(size=12), 25)
        a, b = (_median(wave + 0.2 * chance.normal(size=len(wave))) for _ in "ab")
        paired, alone = between([a], [b], side_by_side=True), between([a], [b])
        interval = paired.interval()
        assert interval is not None
        assert paired.error is not None
        assert alone.error is not None
        held += interval[0] <= 0 <= interval[1]
        narrower += paired.error < alone.error / 2
    assert held >= 53
    assert narrower == 60


@pytest.mark.slow
def test_ten_pairs_side_by_side_are_told_rightly_nine_times(tmp_path: Path) -> None:
    same = worse = 0
    for pair in range(10):
        a, b = (beside(tmp_path, 100 * pair + side, pair) for side in (1, 2))
        slow = beside(tmp_path, 100 * pair + 3, pair, slower={"payments": 1.2})
        same += compare(tmp_path, a, b)["verdict"]["word"] == "the same"
        worse += compare(tmp_path, a, slow)["verdict"]["word"] == "worse"
    assert same >= 9
    assert worse >= 9


def _median(logs: Any) -> bootstrap.Estimate:
    (found,) = bootstrap.percentiles(Series(np.arange(len(logs)) / 5, 100 * np.exp(logs), len(logs) / 5), (50.0,))
    assert found is not None
    return found
