"""The comparison of endpoints: what is noted of a run, and the table made of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from compat import cli, notes, run, table
from compat.cli import command
from compat.notes import read
from compat.recorder import RESULTS

TESTS = """
import pytest

@pytest.fixture
def broken_at_its_end():
    yield
    assert False, "left over"

@pytest.fixture
def absent():
    pytest.skip("not here")

def test_good():
    pass

def test_bad():
    assert 1 == 2, "wrong"

def test_skipped(absent):
    pass

def test_with_a_bad_end(broken_at_its_end):
    pass
"""


def _note(test: str, tree: str = "now") -> notes.Note:
    return {"test": test, "outcome": "passed", "why": "", "tree": tree}


def _run(pytester: pytest.Pytester, results: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.RunResult:
    monkeypatch.setenv(RESULTS, str(results))
    return pytester.runpytest_inprocess("-p", "compat.recorder")


def test_each_test_is_noted_once_with_its_worst_outcome(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_things=TESTS)
    results = tmp_path / "results.jsonl"
    _run(pytester, results, monkeypatch)

    noted = read(results)

    assert [(each["test"].partition("::")[2], each["outcome"]) for each in noted] == [
        ("test_good", "passed"),
        ("test_bad", "failed"),
        ("test_skipped", "skipped"),
        ("test_with_a_bad_end", "failed"),
    ]
    assert ["wrong" in noted[1]["why"], "not here" in noted[2]["why"], "left over" in noted[3]["why"]] == [True] * 3


def test_run_goes_on_after_what_was_noted(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_things=TESTS)
    results = tmp_path / "results.jsonl"
    known = [_note(f"test_things.py::{name}") for name in ("test_good", "test_bad")]
    results.write_text("".join(json.dumps(each) + "\n" for each in known) + '{"test": "test_things.py::test_sk')

    notes.forget(results, ["test_things.py"], "now")  # a kill cut the last line

    _run(pytester, results, monkeypatch).assert_outcomes(deselected=2, skipped=1, passed=1, errors=1)

    assert read(results)[:2] == known
    assert len(read(results)) == 4


def test_only_a_cut_run_of_the_same_sources_is_gone_on_with(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    cart, old, users = _note("tests/a/test_cart.py::1"), _note("tests/a/test_cart.py::2", "old"), _note("tests/b.py::1")
    for note in (cart, old, users):
        notes.add(results, note)

    notes.forget(results, ["tests/a"], "now")
    assert read(results) == [cart, users]
    notes.finish(results, ["tests/a/test_cart.py"])
    notes.forget(results, ["tests"], "now")
    assert read(results) == [users]
    notes.forget(results, ["tests"], None)
    assert read(results) == []


def test_tree_is_another_after_a_change_of_what_is_tested_alone(tmp_path: Path) -> None:
    for file in ("functions/app.py", "docs/endpoints.md", "functions/__pycache__/app.pyc"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("before")
    before = notes.tree(tmp_path)
    for file in ("docs/endpoints.md", "functions/__pycache__/app.pyc"):
        (tmp_path / file).write_text("after")
    assert notes.tree(tmp_path) == before
    (tmp_path / "functions" / "app.py").write_text("after!")
    assert notes.tree(tmp_path) != before


@pytest.mark.xdist_group("compat")  # one at a time: they share a folder
@pytest.mark.parametrize(("stock_ends", "noted_before"), [(True, [0, 0]), (False, [1, 1])])
def test_finished_comparison_starts_over_and_a_cut_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stock_ends: bool, noted_before: list[int]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{table.BEGIN}\n{table.END}\n")
    seen: list[int] = []

    def execute(contender: object, folder: Path, wanted: run.Wanted) -> bool:
        seen.append(len(read(wanted.results)))
        notes.add(wanted.results, _note("tests/integration/test_cart.py::1", wanted.tree))
        return stock_ends or wanted.results.stem != "stock"

    monkeypatch.setattr(cli.run, "execute", execute)
    words = ["--contenders=loadstack,stock", "--only=test_cart.py", f"--results={tmp_path}", f"--page={page}"]
    for _ in range(2):
        CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)

    assert seen == [0, 0, *noted_before]


def _outcome(file: str, name: str, outcome: str) -> dict[str, str]:
    return {"test": f"tests/integration/{file}::{name}", "outcome": outcome, "why": "so"}


OURS = [
    _outcome("test_a.py", "1", "passed"),
    _outcome("test_a.py", "2", "skipped"),
    _outcome("test_b.py", "3", "passed"),
]
THEIRS = [_outcome("test_a.py", "1", "passed"), _outcome("test_a.py", "2", "failed")]


def test_table_counts_what_was_run_and_marks_what_failed() -> None:
    assert table.markdown({"ours": OURS, "theirs": THEIRS}).splitlines() == [
        "| tests/integration | ours | theirs |",
        "|---|---|---|",
        "| `test_a.py` | 1 of 1 | **1 of 2** |",
        "| `test_b.py` | 1 of 1 | not run |",
        "| all | 2 of 2 | **1 of 2** |",
    ]
    assert table.failures(THEIRS) == ["tests/integration/test_a.py::2: so"]


def test_table_goes_between_the_marks_of_its_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")

    table.insert(page, "| new |")

    assert page.read_text() == f"before\n{table.BEGIN}\n| new |\n{table.END}\nafter\n"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="has no lines"):
        table.insert(page, "| new |")


@pytest.mark.parametrize(
    ("option", "said"),
    [("--contenders=floor", "CONTENDERS=floor is unknown"), ("--only=../conftest.py,no.py", "ONLY=no.py is no file")],
)
def test_what_does_not_exist_is_refused_before_anything_starts(option: str, said: str) -> None:
    result = CliRunner().invoke(command, [option])

    assert result.exit_code == 2
    assert said in result.output
