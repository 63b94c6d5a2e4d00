from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from loadtests.errors import SetupError, UsageError
from loadtests.history import terminal
from loadtests.history.__main__ import command
from loadtests.history.entries import Commit, Listing, Unreadable
from loadtests.history.figures import KEYS
from tests.loadtests.conftest import ENVIRONMENT, ROOT
from tests.loadtests.sample_run import T0
from tests.loadtests.test_history import made, reported
from tests.loadtests.test_history_page import run


def told(listing: Listing, folder: Path = Path("reports"), width: int = 120) -> str:
    out = io.StringIO()
    terminal.show(Console(file=out, width=width), listing, folder)
    return out.getvalue()


def test_command_writes_the_page_and_prints_the_runs(tmp_path: Path) -> None:
    reported(tmp_path)
    made(tmp_path, "20261121T111111Z-order")
    words = [sys.executable, "-m", "loadtests.history", f"--reports={tmp_path}"]
    done = subprocess.run(words, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^11-21 10:15 .* order RATE=20 DURATION=5$", done.stdout, re.MULTILINE)
    assert "not read: 20261121T111111Z-order: summary.json is missing" in done.stdout
    assert done.stdout.endswith(f"runs    {tmp_path}/index.html\n")
    assert (tmp_path / "index.html").is_file()


@pytest.mark.parametrize("name", ["none", "file"])
def test_folder_that_is_none_is_told_in_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=f"^REPORTS={tmp_path / name} is no folder: make load makes it"):
        command.main([f"--reports={tmp_path / name}"], standalone_mode=False)


def test_page_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(SetupError, match=f"^{tmp_path}/index.html could not be written: Is a directory$"):
        command.main([f"--reports={tmp_path}"], standalone_mode=False)


def test_terminal_has_a_screenful_and_says_how_many_more_there_are() -> None:
    text = told(Listing([run(number, commit=Commit("72c544a", True, T0)) for number in range(40)], left_out=7))
    assert len(text.splitlines()) == terminal.NEWEST + 4
    assert "and 37 older ones" in text
    assert "72c544a+" in text


def test_run_has_a_line_on_80_columns() -> None:
    slow = dict.fromkeys(KEYS, 12_345.0)
    commits = [Commit("72c544a", number % 2 == 0, T0) for number in range(3)]
    text = told(Listing([run(load="RATE=20 DURATION=60", commit=each, figures=slow) for each in commits]), width=80)
    lines = [line for line in text.splitlines() if line.endswith("order RATE=20 DURATION=60 choreography")]
    assert len(lines) == 3


def test_terminal_without_runs_says_how_to_make_one() -> None:
    text = told(Listing(unreadable=[Unreadable("20261121T111111Z-order", "summary.json is missing")]))
    assert text.splitlines() == [
        "No runs yet: make load makes one.",
        "not read: 20261121T111111Z-order: summary.json is missing",
        "runs    reports/index.html",
    ]


def test_line_of_a_run_counts_those_of_its_load(tmp_path: Path) -> None:
    runs = [run(2), run(1, flow="saga"), run(0)]
    line = terminal.line(Listing(runs), Path.cwd() / "reports", runs[0].folder)
    assert line.plain == f"runs    reports{os.sep}index.html  3 in all, 2 of this load"
    assert terminal.line(Listing(runs), Path("reports"), "elsewhere").plain.endswith("3 in all")
