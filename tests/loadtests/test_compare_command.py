"""make load-compare: what it writes, what it refuses, and what an interrupt leaves."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from loadtests import exit_codes
from loadtests.compare.cli import command
from loadtests.errors import UsageError
from tests.loadtests.comparing import compare
from tests.loadtests.conftest import ENVIRONMENT
from tests.loadtests.made_reports import Made, shorten
from tests.waiting import until


def command_ends(reports: Path, a: str, b: str) -> tuple[int, Path]:
    """The exit code of the command, and what it wrote."""
    code = command.main([f"--a={a}", f"--b={b}", f"--reports={reports}"], standalone_mode=False)
    return code, max(reports.glob("*-compare*"), key=lambda folder: folder.stat().st_mtime_ns)


def test_comparison_is_a_page_a_text_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Made(1).write(tmp_path / "same-0")
    Made(9, fail_every=20, lose=3).write(tmp_path / "broken")
    code, folder = command_ends(tmp_path, "same-0", "broken")
    shown = capsys.readouterr().out
    assert code == exit_codes.SLO_FAILED
    assert {each.name for each in folder.iterdir()} == {"index.html", "compare.json", "compare.txt"}
    text, page = (folder / "compare.txt").read_text(), (folder / "index.html").read_text()
    for words in ("payments running p50", "same-0", "tolerance 10 %"):
        assert words in shown
        assert words in text
    assert f"report  {folder / 'index.html'}" in shown
    assert 'id="plot-changes"' in page
    assert re.findall(r"\bsrc=|@import|<link|url\(", page) == []
    assert not (tmp_path / "latest").exists()
    assert folder.name in (tmp_path / "index.html").read_text()
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_page_escapes_what_comes_from_outside(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Made(orders=40, changes={"flow": "<script>alert(1)</script>"}).write(tmp_path / name)
    code, folder = command_ends(tmp_path, "a", "b")
    assert code == exit_codes.OK
    assert "<script>alert" not in (folder / "index.html").read_text()


def _cut(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return cut


def _write(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text, newline="")  # type: ignore[return-value]


def _summary(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: (folder / "summary.json").write_text(json.dumps(Made(changes=changes).summary()))  # type: ignore[return-value]


ARRIVAL = Made().summary()["arrival"]
DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "gone": (shutil.rmtree, "is no report: there is no such folder"),
    "empty": (lambda folder: (folder / "summary.json").unlink(), "is no report: it has no summary.json"),
    "cut-summary": (_cut("summary.json"), "was cut off: its summary.json is no whole JSON"),
    "other-json": (_write("summary.json", "[]"), "is no report of a run: its summary.json lacks scenario"),
    "other-shape": (_summary(sync=[]), "is no report of a run: its summary.json has another shape"),
    "no-orders": (lambda folder: (folder / "orders.csv").unlink(), "was cut off: it has no orders.csv"),
    "cut-orders": (_cut("orders.csv"), "was cut off: orders.csv ends in the middle of a line"),
    "short-orders": (partial(shorten, name="orders.csv"), "was cut off: orders.csv has 49 lines of 300"),
    "short-requests": (partial(shorten, name="requests.csv"), "was cut off: requests.csv has 49 lines of 300"),
    "cut-functions": (_cut("functions.csv"), "was cut off: functions.csv"),
    "no-functions-header": (_write("functions.csv", ""), "was cut off: functions.csv ends in the middle of a line"),
    "other-columns": (_write("orders.csv", "x,y\r\n"), "is no report of this version: orders.csv has other columns"),
    "binary": (lambda folder: (folder / "orders.csv").write_bytes(b"\xff\xfe\r\n") and None, "cannot be read"),
    "comparison": (_write("compare.json", "{}"), "is a comparison: give the reports of runs"),
    "interrupted": (_summary(run={"state": "interrupted"}), "was interrupted: compare runs that came to their end"),
    "died": (_summary(run={"state": "died"}), "ended when its stack died: compare runs that came to their end"),
    "scenario": (_summary(scenario="ramp"), "have different scenarios: order and ramp"),
    "rate": (_summary(arrival=ARRIVAL | {"rate_per_s": 9.0}), "have different rates: 5 and 9"),
    "users": (_summary(arrival=ARRIVAL | {"model": "closed"}), "have different load models: open and closed"),
    "spacing": (_summary(arrival=ARRIVAL | {"pattern": "even"}), "have different spacings (ARRIVALS)"),
    "host": (_summary(host="https://shop.example.com/dev"), "have different hosts: this machine and shop.example.com"),
    "search": (_summary(breakpoint={"rate_per_s": 9.0}), "b is a search, whose steps have rates of their own"),
    "nothing": (_summary(duration_s=0), "measured nothing"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_report_that_cannot_be_compared_is_told_in_a_line(tmp_path: Path, damage: str) -> None:
    Made(1).write(tmp_path / "a")
    harm, told = DAMAGE[damage]
    harm(Made(2).write(tmp_path / "b"))
    with pytest.raises(UsageError, match=re.escape(told)) as raised:
        compare(tmp_path, str(tmp_path / "a"), str(tmp_path / "b"))
    assert "\n" not in str(raised.value)
    assert list(tmp_path.glob("*compare*")) == []


def test_report_is_called_by_the_folder_that_latest_leads_to(tmp_path: Path) -> None:
    late = {"saturation": {"limit": "generator"}}
    Made(1, changes=late).write(tmp_path / "a")
    Made(2, changes=late).write(tmp_path / "b")
    (tmp_path / "latest").symlink_to("b")
    told = [each for each in compare(tmp_path, "a", "latest")["differences"] if "generator" in each]
    assert [each.split(" was late in ")[1].split(",")[0] for each in told] == ["a", "b"]


def test_report_that_was_looked_up_is_refused_by_a_path_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Made(1).write(tmp_path / "reports" / "a")
    _summary(run={"state": "interrupted"})(Made(2).write(tmp_path / "reports" / "b"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^B=reports/b was interrupted"):
        compare(tmp_path / "reports", "a", "b")


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("soon", "could not convert string to float: 'soon'"),
        ("nan", "'nan' is no number"),
        ("inf", "'inf' is no number"),
    ],
)
def test_cell_that_is_no_number_is_told_in_a_line(tmp_path: Path, cell: str, told: str) -> None:
    Made(1).write(tmp_path / "a")
    path = Made(2).write(tmp_path / "b") / "requests.csv"
    path.write_bytes(re.sub(rb",202,[\d.]+,", f",202,{cell},".encode(), path.read_bytes(), count=1))
    with pytest.raises(UsageError, match=f"b is no report that can be read: {told}"):
        compare(tmp_path, "a", "b")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--b=same-0",), "A is missing: give one report or several, as in A=reports/latest"),
        (("--a=same-0", "--b= "), "B is missing"),
        (("--a=same-0 same-0", "--b=same-1"), 'A="same-0 same-0" names one report twice'),
        (("--a=same-0", "--b=same-1 same-0"), "A and B both name same-0"),
        (("--a=same-0", "--b=same-1", "--tolerance=much"), "TOLERANCE=much is no tolerance: give percent"),
        (("--a=same-0", "--b=same-1", "--tolerance=0"), "TOLERANCE=0% is out of bounds"),
        (("--a=same-0", "--b=same-1", "--tolerance=-5%"), "TOLERANCE=-5% is out of bounds"),
        (("--a=same-0", "--b=same-1", "--tolerance=nan"), "TOLERANCE=nan% is out of bounds"),
        (("--a=same-0", "--b=same-1", "--tolerance=500%"), "TOLERANCE=500% is out of bounds"),
    ],
)
def test_bad_words_are_told_in_a_line(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    for seed, name in enumerate(("same-0", "same-1")):
        Made(seed, orders=1).write(tmp_path / name)
    with pytest.raises(UsageError, match=re.escape(told)) as raised:
        command.main([*options, f"--reports={tmp_path}"], standalone_mode=False)
    assert "\n" not in str(raised.value)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell starts its background jobs with SIGINT ignored, which children inherit: those of this test do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_interrupted_comparison_leaves_nothing(tmp_path: Path) -> None:
    """The summary is a pipe that brings its first byte alone: the command waits for more, and is interrupted.

    It has read the byte, so its file is open: an interrupt while Python opens one is a warning of its own.
    """
    Made(1).write(tmp_path / "a")
    pipe = Made(2).write(tmp_path / "b") / "summary.json"
    pipe.unlink()
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "loadtests.compare", "--a=a", "--b=b", f"--reports={tmp_path}"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ENVIRONMENT["PYTHONPATH"],
        env=ENVIRONMENT,
    )
    try:
        (writer,) = until(lambda: _open_once_it_is_read(pipe))
        os.write(writer, b"{")
        until(lambda: not _unread(writer))
        process.send_signal(signal.SIGINT)
        os.close(writer)  # whom the signal met between two reads is not in a third one for ever
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, told.strip()) == (exit_codes.INTERRUPTED, "Interrupted: no comparison was written.")
    assert {each.name for each in tmp_path.iterdir()} == {"a", "b"}


def _open_once_it_is_read(pipe: Path) -> list[int]:
    """A descriptor, open so that the reader waits on; none while nobody reads."""
    try:
        return [os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)]
    except OSError as error:
        if error.errno == errno.ENXIO:
            return []
        raise


def _unread(pipe: int) -> int:
    """How many bytes are still in it."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
