from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.errors import UsageError
from loadtests.matrix import cells, figures
from loadtests.matrix.figures import Change, Range
from tests.loadtests.matrix_folder import matrix_folder, sample_summary

VALUES = st.floats(0.001, 1e6)


@given(st.lists(VALUES, min_size=1, max_size=10))
def test_range_holds_its_median_and_all_rounds(values: list[float]) -> None:
    spread = figures.over(values)
    assert spread is not None
    assert spread.low <= spread.median <= spread.high
    assert (spread.low, spread.high) == (min(values), max(values))


@given(st.lists(VALUES, min_size=2, max_size=6), st.lists(VALUES, min_size=2, max_size=6))
def test_cells_lie_apart_whichever_of_them_is_the_first(one: list[float], other: list[float]) -> None:
    there = figures.change(figures.over(one), figures.over(other), 4)
    back = figures.change(figures.over(other), figures.over(one), 4)
    assert there is not None
    assert back is not None
    assert there.apart is back.apart is (max(one) < min(other) or max(other) < min(one))
    assert there.ratio is not None
    assert back.ratio is not None
    assert there.ratio * back.ratio == pytest.approx(1)


@pytest.mark.parametrize("rounds", [4, 5])
def test_chance_of_lying_apart_is_that_of_dealing_the_values(rounds: int) -> None:
    values = range(2 * rounds)
    hands = [(chosen, tuple(set(values) - set(chosen))) for chosen in combinations(values, rounds)]
    apart = [one for one, other in hands if max(one) < min(other) or max(other) < min(one)]
    assert figures.chance_of_apart(rounds) == len(hands) // len(apart)


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_few_rounds_tell_nothing_from_chance(rounds: int) -> None:
    assert figures.chance_of_apart(rounds) is None
    assert figures.change(Range(2, 2, 2), Range(1, 1, 1), rounds) == Change(0.5, None)
    assert figures.change(Range(2, 2, 2), Range(1, 1, 1), 4) == Change(0.5, True)


def test_what_has_no_value_is_compared_to_nothing() -> None:
    assert figures.over([None, None]) is None
    assert figures.over([None, 2.0]) == Range(2.0, 2.0, 2.0)
    assert figures.change(None, Range(1, 1, 1), 2) is None
    assert figures.change(Range(0, 0, 0), Range(1, 1, 1), 4) == Change(None, True)


def test_figures_of_a_run_are_those_of_its_summary() -> None:
    functions = {"orders": {"invocations": 150}, "payments": {"invocations": None}}
    row = sample_summary()["scaling"][0]
    rows = [
        row | {"from_s": 0, "to_s": 1, "throughput_per_s": 3.0, "cpu_ms_per_order": {"engine": 9.0}},
        row | {"from_s": 1, "to_s": 4, "throughput_per_s": 7.0, "cpu_ms_per_order": {"engine": 8.0, "harness": 4.0}},
    ]
    content = sample_summary(
        120.0,
        functions=functions,
        scaling=rows,
        cost_usd_per_million_orders=31.5,
        breakpoint={"rate_per_s": 42.0},
    )
    content["orders"]["accepted"] = 50
    found = figures.of(content)
    assert (found["order_p50_ms"], found["order_p95_ms"]) == (120.0, 240.0)
    assert found["request_p50_ms"] == content["sync"]["POST /orders"]["p50_ms"]
    assert found["done_per_s"] == 6.0
    assert found["invocations_per_order"] == 3.0
    assert found["cpu_ms_per_order"] == 8.0
    assert found["cost_usd_per_million_orders"] == 31.5
    assert found["sustained_per_s"] == 42.0


def test_load_of_reads_has_the_figures_of_its_requests_alone() -> None:
    content = sample_summary(functions=None)
    content["sync"] = {"GET /products": {"count": 5, "p50_ms": 3.0, "p95_ms": 4.0}}
    content["async"]["order"] = {"count": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    found = figures.of(content)
    assert {key for key, value in found.items() if value is not None} >= {"request_p50_ms", "done_per_s"}
    assert found["request_p95_ms"] == 4.0
    assert found["order_p50_ms"] is None
    assert found["invocations_per_order"] is None


def test_users_have_orders_a_second_without_a_schedule() -> None:
    content = sample_summary(scaling=None, duration_s=10.0)
    content["orders"] |= {"confirmed": 40, "rejected": 2}
    assert figures.of(content)["done_per_s"] == 4.2
    assert figures.of(content | {"duration_s": 0})["done_per_s"] is None


def test_cells_are_compared_to_the_first_over_their_whole_runs(tmp_path: Path) -> None:
    runs = [(0, 100.0), (1, 150.0), (1, 160.0), (0, 104.0)] * 2
    summaries: list[tuple[int, dict[str, Any]]] = [(cell, sample_summary(ms)) for cell, ms in runs]
    folder = matrix_folder(tmp_path, [*summaries, (0, sample_summary(9000.0, "interrupted"))])
    matrix = cells.read(folder)
    first, second = matrix.cells
    assert first.range("order_p50_ms") == Range(102.0, 100.0, 104.0)
    assert second.change(first, "order_p50_ms") == Change(155 / 102, True)
    told = matrix.to_json()
    assert told["one_in"] == 35
    assert told["cells"][1]["figures"]["order_p50_ms"] == {"median": 155.0, "low": 150.0, "high": 160.0}
    assert told["cells"][1]["change"]["order_p50_ms"]["apart"] is True
    assert told["cells"][0]["change"] is None
    assert [run["verdict"] for run in told["cells"][0]["runs"]] == [*["passed"] * 4, "interrupted"]
    assert matrix.stages[0] == "sent→accepted"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: (folder / "cells.json").unlink(),
            "is no folder of make load-matrix: cells.json cannot be read",
        ),
        (lambda folder: (folder / "cells.json").write_text('{"state": "comp'), "is no folder of make load-matrix"),
        (lambda folder: (folder / "cells.json").write_text("[]"), "was not written by this version"),
        (lambda folder: (folder / "runs/0-order/summary.json").unlink(), "has no summary of a run"),
        (lambda folder: (folder / "runs/0-order/summary.json").write_text("{}"), "was not written by this version"),
    ],
    ids=["none", "cut off", "of something else", "run without a summary", "run of something else"],
)
def test_folder_that_is_none_is_refused(damage: Any, message: str, tmp_path: Path) -> None:
    folder = matrix_folder(tmp_path, [(0, sample_summary()), (1, sample_summary())])
    damage(folder)
    with pytest.raises(UsageError, match=message):
        cells.read(folder)
