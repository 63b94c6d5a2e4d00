"""Reads a matrix's folder: the cells of `cells.json`, the summaries of their runs, and what these come to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loadtests.errors import UsageError
from loadtests.matrix import figures
from loadtests.matrix.figures import Change, Range

_WHOLE: Final = ("passed", "failed")


@dataclass(frozen=True, slots=True)
class Run:
    """One run. One that did not come to its end has a report, and no place in the figures."""

    round: int
    report: str
    verdict: str
    limit: str | None
    request: str | None
    figures: Mapping[str, float | None]
    stages: Mapping[str, float | None]
    services: Mapping[str, float]

    @property
    def is_whole(self) -> bool:
        return self.verdict in _WHOLE

    def to_json(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "report": self.report,
            "verdict": self.verdict,
            "limit": self.limit,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting of the stack, with its runs. `settings` are `flow`, `memory_mb`, `batch_size`; None: as declared."""

    name: str
    settings: Mapping[str, Any]
    runs: tuple[Run, ...]

    @property
    def whole(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.is_whole)

    def range(self, key: str) -> Range | None:
        """Of one figure, over its whole runs."""
        return figures.over(run.figures[key] for run in self.whole)

    def stage(self, name: str) -> Range | None:
        """Of the median of one hop, likewise."""
        return figures.over(run.stages.get(name) for run in self.whole)

    def cost(self, service: str) -> Range | None:
        """Of what a service would cost a million orders; 0 in runs that did not use it."""
        return figures.over(run.services.get(service, 0.0) for run in self.whole if run.services)

    def change(self, first: Cell, key: str) -> Change | None:
        """Against the first cell."""
        return figures.change(first.range(key), self.range(key), min(len(first.whole), len(self.whole)))


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it. `told` is what `cells.json` says besides."""

    told: Mapping[str, Any]
    cells: tuple[Cell, ...]

    @property
    def figures(self) -> list[figures.Figure]:
        """Those that any cell has."""
        return [each for each in figures.FIGURES if any(cell.range(each.key) for cell in self.cells)]

    @property
    def stages(self) -> list[str]:
        """The hops that any cell has, in their order."""
        return list(dict.fromkeys(name for cell in self.cells for run in cell.whole for name in run.stages))

    @property
    def services(self) -> list[str]:
        """What any cell would be billed for, the dearest of the first cell first."""
        names = dict.fromkeys(name for cell in self.cells for run in cell.whole for name in run.services)
        costs = {name: found.median for name in names if (found := self.cells[0].cost(name))}
        return sorted(names, key=lambda name: -costs.get(name, 0.0))

    @property
    def is_complete(self) -> bool:
        """Whether all rounds were run: more of them would not have helped one that was ended."""
        return bool(self.told["state"] == "complete")

    @property
    def rounds(self) -> int:
        """The fewest whole runs that a cell has."""
        return min((len(cell.whole) for cell in self.cells), default=0)

    def to_json(self) -> dict[str, Any]:
        """`matrix.json`."""
        kept = ("state", "scenario", "started_at", "ended_at", "rounds", "words", "repeat")
        return {
            **{key: self.told[key] for key in kept},
            "one_in": figures.chance_of_apart(self.rounds),
            "cells": [self._cell(cell) for cell in self.cells],
        }

    def _cell(self, cell: Cell) -> dict[str, Any]:
        keys = [figure.key for figure in figures.FIGURES]
        ranges = {key: cell.range(key) for key in keys}
        changes = {key: cell.change(self.cells[0], key) for key in keys} if cell is not self.cells[0] else {}
        return {
            "name": cell.name,
            **cell.settings,
            "figures": {key: found.to_json() if found else None for key, found in ranges.items()},
            "change": {key: found._asdict() if found else None for key, found in changes.items()} or None,
            "runs": [run.to_json() for run in cell.runs],
        }


def read(folder: Path) -> Matrix:
    """The matrix in that folder. Raises UsageError where it is none, or one of its runs' summaries is missing."""
    told = _json(folder / "cells.json", "is no folder of make load-matrix")
    try:
        runs = list(_runs(folder, told))
        cells = tuple(_cell(number, settings, runs) for number, settings in enumerate(told["cells"]))
        matrix = Matrix(told, cells)
        matrix.to_json()
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise UsageError(f"{folder} was not written by this version of make load-matrix ({error!r})") from error
    return matrix


def _cell(number: int, settings: Mapping[str, Any], runs: list[tuple[int, Run]]) -> Cell:
    own = {key: value for key, value in settings.items() if key != "name"}
    return Cell(settings["name"], own, tuple(run for cell, run in runs if cell == number))


def _runs(folder: Path, told: Mapping[str, Any]) -> Iterator[tuple[int, Run]]:
    for each in told["runs"]:
        summary = _json(folder / each["report"] / "summary.json", "has no summary of a run")
        yield (
            each["cell"],
            Run(
                round=each["round"],
                report=each["report"],
                verdict=summary["verdict"]["word"],
                limit=summary["saturation"]["limit"],
                request=figures.request(summary),
                figures=figures.of(summary),
                stages={name: found["p50_ms"] for name, found in summary["async"]["stages"].items()},
                services=figures.services(summary),
            ),
        )


def _json(path: Path, otherwise: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.parent} {otherwise}: {path.name} cannot be read ({error})") from error
