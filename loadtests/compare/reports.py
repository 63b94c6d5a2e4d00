"""Reads the report of a run, and refuses what is none, or not whole."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loadtests import times
from loadtests.errors import UsageError
from loadtests.report import tables
from loadtests.screen import relative

type Row = dict[str, str]

_KEYS: Final = ("scenario", "host", "started_at", "duration_s", "arrival", "orders", "sync", "async", "run", "verdict")
_STATES: Final = {"interrupted": "was interrupted", "died": "ended when its stack died"}
_LINE_END: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class Report:
    """One run. Its files are read line by line, each time anew: a long run's would not fit into memory.

    They raise UsageError, naming the word, where a file is none of a report, or not whole.
    """

    word: str
    folder: Path
    summary: Mapping[str, Any]

    def orders(self) -> Iterator[Row]:
        """The lines of `orders.csv`."""
        placed = self.summary["orders"]["accepted"] + self.summary["run"].get("not_accepted", 0)
        return _rows(self.word, self.folder / "orders.csv", tables.ORDERS, placed)

    def requests(self) -> Iterator[Row]:
        """The lines of `requests.csv`."""
        sent = sum(each["count"] for each in self.summary["sync"].values())
        return _rows(self.word, self.folder / "requests.csv", tables.REQUESTS, sent)

    def functions(self) -> Iterator[Row] | None:
        """The lines of `functions.csv`; None in reports of versions that did not write it."""
        path = self.folder / "functions.csv"
        return _rows(self.word, path, tables.FUNCTIONS) if path.exists() else None

    @property
    def name(self) -> str:
        """The folder's own, also where `latest` led to it."""
        return self.folder.resolve().name

    @property
    def started_at(self) -> float:
        """When its measured window began, epoch seconds."""
        return times.parse(self.summary["started_at"])

    @property
    def seconds(self) -> float:
        """How long the window was."""
        return float(self.summary["duration_s"])


def named(word: str, text: str, reports: Path) -> list[Path]:
    """The folders that `A=…` or `B=…` names, separated by spaces; a name without a folder is looked for in `reports`.

    Raises UsageError for no name at all, and for one that is given twice.
    """
    folders = [_place(name, reports) for name in text.split()]
    if not folders:
        raise UsageError(f"{word} is missing: give one report or several, as in {word}=reports/latest")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError(f'{word}="{text}" names one report twice: each run counts once')
    return folders


def read(word: str, folder: Path) -> Report:
    """Read a report's summary. Raises UsageError, naming the word, for what is none, or was not run to its end."""
    summary = _summary(word, folder)
    state = summary["run"]["state"]
    if state != "complete":
        raise UsageError(f"{word}={folder} {_STATES.get(state, 'is not whole')}: compare runs that came to their end")
    if not summary["duration_s"]:
        raise UsageError(f"{word}={folder} measured nothing: its window has no length")
    return Report(word, folder, summary)


def _place(name: str, reports: Path) -> Path:
    path = Path(name)
    return relative(reports / name) if not path.exists() and (reports / name).is_dir() else path


def _summary(word: str, folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise UsageError(f"{word}={folder} is no report: there is no such folder")
    if (folder / "compare.json").exists():
        raise UsageError(f"{word}={folder} is a comparison: give the reports of runs")
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{word}={folder} is no report: it has no summary.json") from None
    except OSError as error:
        raise UsageError(f"{word}={folder} cannot be read: {error.strerror}") from error
    except ValueError:
        raise UsageError(f"{word}={folder} was cut off: its summary.json is no whole JSON") from None
    lacking = [key for key in _KEYS if not isinstance(summary, dict) or key not in summary]
    if lacking or not _has_shape(summary):
        what = f"its summary.json lacks {', '.join(lacking)}" if lacking else "its summary.json has another shape"
        raise UsageError(f"{word}={folder} is no report of a run: {what}")
    return dict(summary)


def _has_shape(summary: Mapping[str, Any]) -> bool:
    """Whether what is read here is of the kind that it should be."""
    try:
        times.parse(summary["started_at"])
        numbers = (summary["duration_s"], summary["orders"]["accepted"], summary["async"]["order"]["count"])
        counts = [each["count"] for each in summary["sync"].values()]
        texts = (summary["run"]["state"], summary["arrival"]["model"], summary["host"], summary["verdict"]["word"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    return all(isinstance(each, int | float) for each in (*numbers, *counts)) and all(
        isinstance(each, str) for each in texts
    )


def _rows(word: str, path: Path, columns: Sequence[str], expected: int | None = None) -> Iterator[Row]:
    """The lines of a file, which must have these columns, its last line whole, and so many lines if that is known."""
    found = 0
    try:
        if not _ends_a_line(path):
            raise UsageError(f"{word}={path.parent} was cut off: {path.name} ends in the middle of a line")
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            names = tuple(rows.fieldnames or ())
            if not set(columns) <= set(names):
                raise UsageError(f"{word}={path.parent} is no report of this version: {path.name} has other columns")
            for found, row in enumerate(rows, start=1):  # noqa: B007 - it is needed afterwards
                yield _whole(row, word, path)
    except FileNotFoundError:
        raise UsageError(f"{word}={path.parent} was cut off: it has no {path.name}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{word}={path.parent}: {path.name} cannot be read: {error}") from error
    if expected is not None and found != expected:
        raise UsageError(f"{word}={path.parent} was cut off: {path.name} has {found} lines of {expected}")


def _whole(row: dict[Any, Any], word: str, path: Path) -> Row:
    if None in row or None in row.values():
        raise UsageError(f"{word}={path.parent} was cut off: {path.name} has a line with too few or too many columns")
    return row


def _ends_a_line(path: Path) -> bool:
    if path.stat().st_size < len(_LINE_END):
        return False
    with path.open("rb") as file:
        file.seek(-len(_LINE_END), os.SEEK_END)
        return file.read() == _LINE_END


def number(text: str) -> float:
    """A cell's number. Raises ValueError for anything else, and for one that is not finite."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is no number that can be compared")
    return value
