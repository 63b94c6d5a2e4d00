from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import report, revision, slo, summary, times
from loadtests.history import page, reading
from loadtests.history.entries import Commit, Listing, Run
from loadtests.history.figures import KEYS, main_figures
from loadtests.history.same_load import load_of
from tests.loadtests.sample_run import T0, sample

SUMMARY: dict[str, Any] = summary.build(sample(20), slo.load("order"))


def reported(reports: Path, name: str = "20261121T101530Z-order", **changes: Any) -> None:
    """A report whose summary is that of a sample run, with these changes."""
    made(reports, name, summary=json.dumps(SUMMARY | changes), index="<p>")


def made(reports: Path, name: str, **texts: str) -> None:
    """A folder with such files: `summary="…"` is `summary.json`."""
    (reports / name).mkdir(parents=True)
    for stem, text in texts.items():
        (reports / name / f"{stem}.{'html' if stem == 'index' else 'json'}").write_text(text)


def whys(listing: Listing) -> dict[str, str]:
    return {each.folder: each.why for each in listing.unreadable}


def test_run_is_told_as_its_report_tells_it(tmp_path: Path) -> None:
    observed = sample(20, commit=revision.Commit("72c544a", False, T0), flow="saga")
    folder = report.write(observed, summary.build(observed, slo.load("order")), tmp_path)
    told = json.loads((folder / "summary.json").read_text())
    (run,) = reading.read(tmp_path).runs
    assert (run.folder, run.has_page, run.scenario, run.flow) == (folder.name, True, "order", "saga")
    assert run.started_at == times.parse(told["started_at"])
    assert (run.verdict, run.sentence) == (told["verdict"]["word"], told["verdict"]["sentence"])
    assert run.load == "RATE=20 DURATION=5"
    assert run.commit == Commit("72c544a", False, T0)
    assert run.figures == {
        "order_p50_ms": told["async"]["order"]["p50_ms"],
        "order_p95_ms": told["async"]["order"]["p95_ms"],
        "answer_p95_ms": told["sync"]["POST /orders"]["p95_ms"],
        "throughput_per_s": told["scaling"][0]["throughput_per_s"],
        "lost": told["orders"]["lost"],
        "cost_usd_per_million_orders": None,
    }


def test_runs_stand_from_the_newest_to_the_oldest_whatever_their_folders_are_called(tmp_path: Path) -> None:
    for name, at in (("20261121T101530Z-order", T0), ("a-good-one", T0 + 60), ("20261121T101530Z-order-2", T0 + 1)):
        reported(tmp_path, name, started_at=times.render(at))
    assert [run.folder for run in reading.read(tmp_path).runs] == [
        "a-good-one", "20261121T101530Z-order-2", "20261121T101530Z-order"
    ]  # fmt: skip


def test_link_drafts_files_and_foreign_folders_are_passed_over(tmp_path: Path) -> None:
    reported(tmp_path, "20261121T101530Z-order")
    made(tmp_path, "bench", index="<p>", bench="{}")
    made(tmp_path, "somebody-elses", summary='{"scenario": 1}')
    made(tmp_path, ".draft-x", summary=json.dumps(SUMMARY))
    (tmp_path / "index.html").write_text("the history itself")
    listing = reading.read(tmp_path)
    assert ([run.folder for run in listing.runs], whys(listing)) == (["20261121T101530Z-order"], {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "summary.json is missing"),
        ("", "summary.json is cut off, or no JSON"),
        ('{"scenario": "order", "sta', "summary.json is cut off, or no JSON"),
        ("[" * 100_000, "summary.json is cut off, or no JSON"),
        ("[1]", "summary.json is no JSON object"),
        ("{}", "summary.json does not say which scenario was run, and when"),
        ('{"scenario": "order", "started_at": "soon"}', "summary.json does not say which scenario was run, and when"),
        ('{"scenario": "order", "started_at": "2026-11-21"}', "summary.json does not say which scenario"),
    ],
)
def test_report_that_was_cut_off_is_told_and_stops_nothing(tmp_path: Path, text: str | None, why: str) -> None:
    reported(tmp_path, "whole")
    made(tmp_path, "20261121T111111Z-order", **({} if text is None else {"summary": text}))
    listing = reading.read(tmp_path)
    assert [run.folder for run in listing.runs] == ["whole"]
    assert whys(listing).keys() == {"20261121T111111Z-order"}
    assert whys(listing)["20261121T111111Z-order"].startswith(why)


def test_summary_that_is_a_folder_or_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "20261121T111111Z-order" / "summary.json").mkdir(parents=True)
    reported(tmp_path, "20261121T222222Z-order")
    monkeypatch.setattr(reading, "_MOST_BYTES", 100)
    told = whys(reading.read(tmp_path))
    assert told["20261121T111111Z-order"] == "summary.json is no file"
    assert "bytes; no report has so many" in told["20261121T222222Z-order"]


def test_first_reports_had_no_verdict_and_their_rules_decide(tmp_path: Path) -> None:
    old: dict[str, Any] = {"verdict": None, "repeat": None, "flow": None, "saturation": {"limit": None}}
    reported(tmp_path, "20261121T000001Z-order", **old, slo=[{"rule": "x", "value": 1, "ok": False}])
    reported(tmp_path, "20261121T000002Z-order", **old, slo=[])
    reported(tmp_path, "20261121T000003Z-order", **old, run={"state": "interrupted"})
    runs = {run.folder[14:15]: run for run in reading.read(tmp_path).runs}
    assert {number: run.verdict for number, run in runs.items()} == {"1": "failed", "2": "passed", "3": "interrupted"}
    assert {run.load for run in runs.values()} == {"RATE=20"}


def test_comparisons_and_matrices_are_listed_and_those_without_a_page_told(tmp_path: Path) -> None:
    verdict = json.dumps({"verdict": {"word": "worse", "sentence": "Orders take 20 % longer."}})
    made(tmp_path, "20261121T101530Z-compare", index="<p>", compare=verdict)
    names = [{"name": "choreography", "runs": [{}, {}]}, {"name": "saga", "runs": [{}]}]
    cells = {"scenario": "order", "state": "interrupted", "cells": names}
    made(tmp_path, "20261121T101531Z-matrix-2", index="<p>", matrix=json.dumps(cells))
    made(tmp_path, "20261121T101529Z-matrix", index="<p>", matrix='{"state": "complete", "cells": [1, {"name": 2}]}')
    made(tmp_path, "20261121T101532Z-matrix", matrix="{}")
    listing = reading.read(tmp_path)
    told = [(each.kind, each.made_at - T0, each.verdict, each.sentence) for each in listing.collected]
    assert told == [
        ("matrix", 1.0, "interrupted", "order: choreography, saga; 3 runs"),
        ("comparison", 0.0, "worse", "Orders take 20 % longer."),
        ("matrix", -1.0, "", ""),
    ]
    assert whys(listing) == {"20261121T101532Z-matrix": "index.html is missing: it is being made, or was cut off"}


def test_folder_that_is_not_there_has_no_reports(tmp_path: Path) -> None:
    assert reading.read(tmp_path / "none") == Listing()


def test_most_folders_that_are_read_are_the_newest(tmp_path: Path) -> None:
    for second in range(5):
        reported(tmp_path, f"20261121T10153{second}Z-order")
    listing = reading.read(tmp_path, most=3)
    assert sorted(run.folder[14:15] for run in listing.runs) == ["2", "3", "4"]
    assert listing.left_out == 2


def test_folders_that_are_no_reports_take_no_place_and_are_no_older_ones(tmp_path: Path) -> None:
    for name in ("zebra", "yak", "bench"):
        made(tmp_path, name, index="<p>")
    for second in range(3):
        reported(tmp_path, f"20261121T10153{second}Z-order")
    listing = reading.read(tmp_path, most=2)
    assert [run.folder[14:15] for run in listing.runs] == ["2", "1"]
    assert listing.left_out == 1


def test_renamed_report_stands_where_its_summary_was_written(tmp_path: Path) -> None:
    for second in range(3):
        reported(tmp_path, f"20261121T10153{second}Z-order")
    for name, at in (("the-oldest", T0 - 60), ("a-newer-one", T0 + 1.5)):
        reported(tmp_path, name, started_at=times.render(at))
        os.utime(tmp_path / name / "summary.json", (at, at))
    listing = reading.read(tmp_path, most=2)
    assert {run.folder for run in listing.runs} == {"20261121T101532Z-order", "a-newer-one"}
    assert listing.left_out == 3


def test_name_that_is_no_time_is_told_last(tmp_path: Path) -> None:
    made(tmp_path, "99999999T999999Z-order", summary="")
    reported(tmp_path)
    listing = reading.read(tmp_path, most=1)
    assert ([run.folder for run in listing.runs], listing.left_out) == (["20261121T101530Z-order"], 1)


def test_same_load_is_that_of_the_same_command_wherever_it_runs() -> None:
    one = load_of("make load SCENARIO=order RATE=5 DURATION=60 FLOW=saga PORT=4600 WORKERS=2 SLO='my rules.toml'", {})
    assert one == load_of("make load SCENARIO=order RATE=5 DURATION=60 DRAIN=5", {}) == "RATE=5 DURATION=60"
    assert one != load_of("make load SCENARIO=order RATE=5 DURATION=60 HOST=https://shop.example.com", {})
    assert load_of("make load SCENARIO=soak", {"rate_per_s": 5.0}) == ""
    assert load_of("make load 'unclosed", {"rate_per_s": None, "users": 7}) == "USERS=7"
    assert load_of(None, {"rate_per_s": True, "users": None}) == ""


def test_run_without_orders_has_the_answers_to_the_most_frequent_request_and_the_rate_that_left() -> None:
    figures = main_figures(
        {
            "arrival": {"unit": "reads", "measured_rate_per_s": 19.9},
            "sync": {
                "GET /products": {"count": 8, "p95_ms": 20.0},
                "GET /products/{productId}": {"count": 12, "p95_ms": 30},
            },
            "orders": {"lost": 0},
        }
    )
    assert (figures["answer_p95_ms"], figures["throughput_per_s"], figures["order_p95_ms"]) == (30.0, 19.9, None)


def test_what_was_done_in_the_drain_is_no_throughput() -> None:
    """An overloaded run whose queues the drain empties did not do what was asked."""
    rows = [
        {"from_s": 0, "to_s": 30, "throughput_per_s": 10.0},
        {"from_s": 30, "to_s": 40, "throughput_per_s": 2.0},
        {"from_s": 40, "to_s": "cut off"},
    ]
    overloaded = {"orders": {"confirmed": 790, "rejected": 10, "cancelled": 0}, "duration_s": 40.0}
    assert main_figures(overloaded | {"scaling": rows})["throughput_per_s"] == 8.0
    assert main_figures(overloaded | {"scaling": None})["throughput_per_s"] == 20.0


def test_search_for_the_highest_rate_is_told_by_that_rate() -> None:
    assert main_figures({"breakpoint": {"rate_per_s": 41.5}, "duration_s": 9.0})["throughput_per_s"] == 41.5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(SUMMARY)), JSON))
def test_summary_of_any_content_is_listed_or_told(
    tmp_path_factory: pytest.TempPathFactory, odd: dict[str, Any]
) -> None:
    reports = tmp_path_factory.mktemp("reports")
    made(reports, "20261121T101530Z-order", summary=json.dumps(SUMMARY | odd))
    listing = reading.read(reports)
    assert len(listing.runs) + len(listing.unreadable) == 1
    for run in listing.runs:
        assert isinstance(run, Run)
        assert set(run.figures) == set(KEYS)
    assert "</html>" in page.render(listing)
