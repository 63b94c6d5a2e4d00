"""What is asked of a replay on the command line, right and wrong."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from loadtests import cli, repeat
from loadtests.errors import UsageError
from loadtests.plan import Plan
from tests.loadtests.conftest import ROOT
from tests.loadtests.order_logs import row, written


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two days, in the working directory: two orders at 8:26 on the first, one at 20:00 on the second."""
    monkeypatch.chdir(tmp_path)
    rows = [row("1"), row("2"), row("3", "2010-12-02 20:00:00"), row("C4", "2010-12-03 20:00:00")]
    return written(tmp_path / "my log.csv", rows)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Instead of running them."""
    plans: list[Plan] = []
    monkeypatch.setattr(cli, "run_and_report", lambda plan, *_: plans.append(plan) or 0)
    return plans


def ask(*options: str) -> None:
    assert cli.command.main(["--scenario=replay", "--log=my log.csv", *options], standalone_mode=False) == 0


def test_load_follows_from_the_log(log: Path, planned: list[Plan]) -> None:
    ask()
    ask("--speed=60", "--from=2010-12-01", "--to=2010-12-01")
    whole, day = planned
    assert whole.duration_s == pytest.approx((35 * 60 + 35) * 60 / 600)
    assert whole.rate == pytest.approx(3 / whole.duration_s)
    assert (day.duration_s, day.rate, day.warmup_s) == (1.0, 2.0, 0.0)


def test_repeat_read_again_is_the_same_plan(log: Path, planned: list[Plan]) -> None:
    ask("--speed=60", "--from=2010-12-01 08:00", "--to=12/2/2010", "--seed=7", "--workers=2")
    words = shlex.split(repeat.command(planned[0]))[2:]
    assert words[1:6] == ["LOG=my log.csv", "SPEED=60", "FROM=2010-12-01 08:00", "TO=12/2/2010", "SEED=7"]
    ask(*[f"--{name.lower()}={value}" for name, value in (word.split("=", 1) for word in words[2:])])
    assert planned[0] == planned[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--log="], r"^SCENARIO=replay plays an order log: LOG is missing \(make load SCENARIO=replay LOG="),
        (["--log=nowhere.csv"], r"^LOG=nowhere\.csv: there is no such file"),
        (["--from=soon"], "^FROM=soon is no date: write it as 2011-12-05"),
        (["--to=2010-99-99"], "^TO=2010-99-99 is no date"),
        (["--from=2010-12-02", "--to=2010-12-01"], "^FROM=2010-12-02 is not before TO=2010-12-01"),
        (
            ["--from=2011-01-01"],
            "^FROM=2011-01-01 LOG=my log.csv has no order in that range: its orders are from 2010-12-01 08:26 to",
        ),
        (["--from=2010-12-03"], r"none of the 1 orders in the range can be played \(rows: 1 cancellation\)"),
        (["--speed=0"], "^SPEED=0 is out of bounds: above 0"),
        (["--speed=1e7"], "^SPEED=1e7 is out of bounds"),
        (["--speed=nan"], "^SPEED=nan is out of bounds"),
        (["--speed=fast"], "^SPEED=fast is no number"),
        (["--speed=1"], r"at SPEED=1 takes 35\.6 h, and a run 24 h at most: give SPEED=2 or more"),
        (
            ["--speed=1e6", "--from=2010-12-01", "--to=2010-12-01"],
            r"at SPEED=1e\+06 is 33333 orders a second; 2000 are possible: give a lower SPEED",
        ),
        (["--rate=5"], "^RATE=5 is not for SCENARIO=replay: its log says who orders what and when"),
        (["--users=5"], "^USERS=5 is not for"),
        (["--duration=60"], "^DURATION=60 is not for"),
        (["--warmup=2"], "^WARMUP=2 is not for"),
        (["--arrivals=poisson"], "^ARRIVALS=poisson is not for"),
        (["--scenario=order"], r"^LOG=my log\.csv is for SCENARIO=replay: order makes its orders itself .*: unset LOG"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(log: Path, planned: list[Plan], options: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        ask(*options)
    assert "\n" not in str(told.value)
    assert planned == []


def test_crowd_that_no_generator_can_send_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "my log.csv", (row(str(number)) for number in range(2_001)))
    with pytest.raises(UsageError, match="has up to 2001 orders in a second; 2000 are possible: give a lower SPEED"):
        ask()


def test_log_without_a_column_ends_the_whole_command_with_2(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("InvoiceNo,StockCode\n")
    environment = {**os.environ, "SCENARIO": "replay", "LOG": str(path), "REPORTS": str(tmp_path)}
    command = [sys.executable, "-m", "sandbox", "load"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    [line] = run.stderr.splitlines()
    assert "log.csv, line 1: no column" in line
    assert list(tmp_path.iterdir()) == [path]
