from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import history
from loadtests.errors import SetupError
from loadtests.history import page, trends
from loadtests.history.entries import Collected, Commit, Listing, Run, Unreadable
from loadtests.history.figures import KEYS
from tests.loadtests.sample_run import T0
from tests.loadtests.test_history import reported


def run(number: int = 0, **changes: Any) -> Run:
    options: dict[str, Any] = {
        "folder": f"20261121T{number:06}Z-order",
        "has_page": True,
        "scenario": "order",
        "flow": "choreography",
        "started_at": T0 + number,
        "load": "RATE=5 DURATION=60",
        "state": "complete",
        "verdict": "passed",
        "sentence": "All 10 SLOs hold.",
        "limit": None,
        "commit": Commit("72c544a", False, T0 - 60),
        "figures": dict.fromkeys(KEYS, 10.0 + number),
    }
    return Run(**{**options, **changes})


def trend(*runs: Run) -> trends.Trend:
    (only,) = trends.of(runs)
    return only


def test_page_asks_for_nothing_and_links_to_each_report() -> None:
    text = page.render(Listing([run(1), run(0)], [Collected("20261121T101530Z-compare", "comparison", T0, "", "")]))
    assert re.findall(r"\bsrc=|@import|<link|url\(", text) == []
    links = ["20261121T000001Z-order", "20261121T000000Z-order", "20261121T101530Z-compare"]
    assert re.findall(r'href="([^"]*)"', text) == [f"{name}/index.html" for name in links]


def test_report_without_a_page_is_no_link() -> None:
    assert re.findall(r'href="([^"]*)"', page.render(Listing([run(has_page=False)]))) == []


def test_what_stands_in_reports_is_escaped_and_so_are_their_names() -> None:
    nasty = "</script><b>\"'&?#%"
    names = dict.fromkeys(("scenario", "flow", "load", "verdict", "sentence", "limit"), nasty)
    odd = run(**names, folder=os.fsdecode(b"a\xff <b>#?"), commit=Commit(nasty, True, T0))
    known = run(1, **{**names, "verdict": "failed"}, commit=Commit(nasty, True, T0))
    text = page.render(Listing([odd, known], [Collected("x", "matrix", T0, nasty, nasty)], [Unreadable(nasty, nasty)]))
    assert "<b>&#34;" not in text.replace("&lt;b&gt;", "")
    assert "</script><b>" not in text
    assert 'href="a%FF%20%3Cb%3E%23%3F/index.html"' in text
    figures = json.loads(text.split('id="figures">')[1].split("</script>")[0])
    assert figures["trend-0"]["layout"]["xaxis"]["categoryarray"] == [nasty + "+"]


def test_page_without_runs_says_how_to_make_one() -> None:
    text = page.render(Listing())
    assert "make load" in text
    assert 'id="plotly"' not in text


def test_trend_is_of_one_load_and_the_newest_runs_is_first() -> None:
    runs = [run(3, flow="saga"), run(2), run(1, load="RATE=20"), run(0)]
    told = trends.of(runs)
    assert [(each.flow, each.load, len(each.runs)) for each in told] == [
        ("saga", "RATE=5 DURATION=60", 1), ("choreography", "RATE=5 DURATION=60", 2), ("choreography", "RATE=20", 1)
    ]  # fmt: skip
    assert told[0].words == "order RATE=5 DURATION=60 · saga (1)"
    assert len(trends.of(runs, most=2)) == 2


@pytest.mark.parametrize("verdict", ["interrupted", "died"])
def test_run_that_did_not_come_to_its_end_is_in_no_trend(verdict: str) -> None:
    assert trends.of([run(verdict=verdict)]) == []


def test_run_without_a_figure_is_in_no_trend() -> None:
    assert trends.of([run(figures=dict.fromkeys(KEYS))]) == []


def stations(told: trends.Trend) -> list[str]:
    names: list[str] = trends.drawn(told)["layout"]["xaxis"]["categoryarray"]
    return names


def test_commits_stand_by_their_time_and_changes_after_the_commit() -> None:
    older, newer = Commit("bbbbbbb", False, T0 - 90), Commit("aaaaaaa", False, T0 - 60)
    runs = [
        run(3, commit=older),
        run(2, commit=newer),
        run(1, commit=Commit("aaaaaaa", True, T0 - 60)),
        run(0, commit=newer),
    ]
    assert stations(trend(*runs)) == ["bbbbbbb", "aaaaaaa", "aaaaaaa+"]


def test_run_without_a_commit_stands_at_its_day() -> None:
    day = 86_400
    runs = [run(commit=None, started_at=T0 - day), run(1, commit=None), run(2), run(3, commit=None)]
    assert stations(trend(*runs)) == ["2026-11-20", "2026-11-21", "72c544a"]


def test_dots_are_runs_and_the_line_goes_through_medians_of_commits() -> None:
    other = Commit("fffffff", False, T0)
    values = {"order_p95_ms": 100.0}
    runs = [
        run(0, figures=dict.fromkeys(KEYS) | values),
        run(1, figures=dict.fromkeys(KEYS) | {"order_p95_ms": 140.0}, verdict="failed"),
        run(2, figures=dict.fromkeys(KEYS) | {"order_p95_ms": 150.0}),
        run(3, figures=dict.fromkeys(KEYS) | {"order_p95_ms": 130.0}, commit=other),
    ]
    line, dots = trends.drawn(trend(*runs))["data"]
    assert (line["x"], line["y"]) == (["72c544a", "fffffff"], [140.0, 130.0])
    assert (dots["x"], dots["y"]) == (["72c544a"] * 3 + ["fffffff"], [100.0, 140.0, 150.0, 130.0])
    assert dots["marker"]["symbol"] == ["circle", "circle-open", "circle", "circle"]
    assert "failed" in dots["text"][1]


def test_axes_are_those_of_the_figures_that_there_are() -> None:
    only = run(figures=dict.fromkeys(KEYS) | {"order_p95_ms": 1.0, "cost_usd_per_million_orders": 30.0})
    drawn = trends.drawn(trend(only))
    assert {trace["yaxis"] for trace in drawn["data"]} == {"y", "y2"}
    assert drawn["layout"]["yaxis2"]["title"]["text"] == "USD a million orders"
    assert "yaxis3" not in drawn["layout"]


def test_search_shows_the_rate_that_it_found() -> None:
    names = {trace["name"] for trace in trends.drawn(trend(run(scenario="breakpoint")))["data"]}
    assert "highest rate that keeps the SLOs" in names
    assert "done" not in names


COMMITS = st.none() | st.builds(
    Commit, st.sampled_from(["a", "b", "c"]), st.booleans(), st.sampled_from([T0, T0 + 9, T0 - 86_400])
)
FIGURES = st.fixed_dictionaries({key: st.none() | st.floats(0, 1e6) for key in KEYS})
RUNS = st.lists(st.builds(run, st.integers(0, 9), commit=COMMITS, figures=FIGURES), max_size=12)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_every_run_is_a_dot_at_a_place_of_the_axis(runs: list[Run]) -> None:
    for told in trends.of(runs):
        drawn = trends.drawn(told)
        places = drawn["layout"]["xaxis"]["categoryarray"]
        assert len(set(places)) == len(places)
        for trace in drawn["data"]:
            assert set(trace["x"]) <= set(places)
        dots = sum(len(trace["x"]) for trace in drawn["data"] if trace["mode"] == "markers")
        drawable = [key for key in KEYS if key != "lost"]
        assert dots == sum(run.figures[key] is not None for run in told.runs for key in drawable)


def test_500_runs_make_a_page_that_is_mostly_its_plots_script() -> None:
    runs = [run(number, load=f"RATE={number % 60}") for number in range(500)]
    text = page.render(Listing(runs))
    assert text.count("<tr data-scenario") == 500
    assert text.count("<option value=") == trends.MOST + len(["all scenarios", "all flows", "all verdicts"])
    assert len(text) < 3_500_000


def test_page_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    history.write(tmp_path)
    reported(tmp_path)
    listing = history.write(tmp_path)
    assert len(listing.runs) == 1
    assert "20261121T101530Z-order" in (tmp_path / "index.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "20261121T101530Z-order"}


def test_list_that_an_earlier_version_wrote_is_replaced(tmp_path: Path) -> None:
    old = "\n".join(line for line in page.render(Listing()).splitlines() if page.MARK not in line)
    (tmp_path / "index.html").write_text(old)
    history.write(tmp_path)
    assert page.MARK in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("text", ["", "<h1>My home page</h1>", "<title>order · passed</title>"])
def test_page_of_somebody_else_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.html").write_text(text)
    with pytest.raises(SetupError, match=f"^{tmp_path}/index.html is not the list of runs, and stays: move it, or "):
        history.write(tmp_path)
    said: list[str] = []
    assert history.rewrite(tmp_path, said.append) is None
    assert len(said) == 1
    assert said[0].startswith(f"this report is in no list: {tmp_path}/index.html is not the list of runs, and stays")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"index.html": text}


def test_runs_that_end_together_are_all_listed(tmp_path: Path) -> None:
    def end(number: int) -> None:
        reported(tmp_path, f"20261121T00000{number}Z-order")
        history.write(tmp_path)

    writers = [threading.Thread(target=end, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    text = (tmp_path / "index.html").read_text()
    assert [f"20261121T00000{number}Z-order/" in text for number in range(6)] == [True] * 6


def failing(error: BaseException) -> Callable[[Path], Listing]:
    def write(reports: Path) -> Listing:
        raise error

    return write


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (KeyboardInterrupt(), "interrupted"),
        (AttributeError("no such thing"), "AttributeError: no such thing; DEBUG=1 shows the traceback"),
    ],
)
def test_list_that_cannot_be_written_costs_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, why: str
) -> None:
    monkeypatch.delenv("DEBUG", raising=False)
    monkeypatch.setattr(history, "write", failing(error))
    said: list[str] = []
    assert history.rewrite(tmp_path, said.append) is None
    assert said == [f"{tmp_path}/index.html does not list this report ({why}): make load-history writes it anew"]


def test_error_that_nobody_expected_is_raised_for_who_looks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "write", failing(AttributeError("no such thing")))
    monkeypatch.setenv("DEBUG", "1")
    with pytest.raises(AttributeError):
        history.rewrite(tmp_path, print)


def test_draft_is_gone_when_the_page_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(IsADirectoryError):
        history.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
