"""The matrix's own folder: which run belongs to which cell, in ``cells.json``, and the runs' reports beside it.

``loadtests.matrix`` makes the page of it, so a folder whose page was never drawn can still be read.
"""

import json
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.matrix.grid import Grid

_RUNS = "runs"


@dataclass(slots=True)
class Book:
    """States: ``running``; then ``complete``, ``interrupted`` or ``failed``. Written whole after each run."""

    folder: Path
    grid: Grid
    scenario: str
    flow: str
    repeat: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    runs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reports(self) -> Path:
        """Where the harness writes the reports of the runs."""
        return self.folder / _RUNS

    def newest(self) -> str | None:
        """The name of the report that was written last, as ``latest`` has it; None before the first."""
        latest = self.reports / "latest"
        return latest.readlink().name if latest.is_symlink() else None

    def enter(self, round_number: int, cell: int, before: str | None) -> None:
        """Note the run's report, where it wrote another than ``before``."""
        if (report := self.newest()) not in (None, before):
            self.runs.append({"round": round_number, "cell": cell, "report": f"{_RUNS}/{report}"})
        self.write("running")

    def write(self, state: str) -> None:
        content = {
            "state": state,
            "scenario": self.scenario,
            "started_at": _moment(self.began),
            "ended_at": _moment(datetime.now(UTC)),
            "rounds": self.grid.rounds,
            "words": dict(self.grid.words),
            "repeat": self.repeat,
            "cells": [cell.to_json() | {"flow": cell.flow or self.flow, "name": str(cell)} for cell in self.grid.cells],
            "runs": self.runs,
        }
        part = self.folder / "cells.json.part"
        try:
            part.write_text(json.dumps(content, indent=2) + "\n")
            part.replace(self.folder / "cells.json")
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_folder(reports: Path) -> Path:
    """``<UTC time>-matrix``, with a number at its end where there is one already."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-matrix"
    number = 1
    while True:
        folder = reports / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
