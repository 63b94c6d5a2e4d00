"""The comparison in the terminal: a row for each cell."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.segment import Segments
from rich.table import Table
from rich.text import Text

from loadtests.matrix import figures
from loadtests.matrix.cells import Cell, Matrix
from loadtests.matrix.page import percent
from loadtests.screen import relative

_COLUMNS: Final = {
    "order_p50_ms": "order p50",
    "order_p95_ms": "p95 ms",
    "request_p95_ms": "request p95",
    "done_per_s": "done/s",
    "sustained_per_s": "keeps SLO to/s",
    "cpu_ms_per_order": "CPU ms",
    "cost_usd_per_million_orders": "USD/million",
}
_WIDTH: Final = 400
"""More than any row has: cells are not broken, a terminal breaks the line."""


def show(console: Console, matrix: Matrix, folder: Path) -> None:
    """Print the cells, what chance can do, and where the page is."""
    there = {figure.key for figure in matrix.figures}
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("cell")
    chosen = [key for key in _COLUMNS if key in there]
    for key in chosen:
        table.add_column(_COLUMNS[key], justify="right")
    table.add_column("runs")
    for cell in matrix.cells:
        table.add_row(cell.name, *(_told(cell, matrix.cells[0], key) for key in chosen), _verdicts(cell))
    rows = console.render(table, console.options.update(width=_WIDTH))
    console.print(Segments(rows), soft_wrap=True, end="")
    if one_in := figures.chance_of_apart(matrix.rounds):
        console.print(Text(f"bold: the rounds' ranges do not meet (by chance one figure in {one_in})", style="dim"))
    elif matrix.is_complete:
        console.print(Text("too few rounds to tell a difference from chance: ROUNDS=4", style="dim"))
    console.print(f"report  {relative(folder / 'index.html')}", soft_wrap=True, highlight=False)
    console.print(f"repeat  {matrix.told['repeat']}", soft_wrap=True, highlight=False, markup=False)


def _told(cell: Cell, first: Cell, key: str) -> Text:
    spread = cell.range(key)
    if spread is None:
        return Text("-")
    text = Text(_number(spread.median))
    if cell is not first and (change := cell.change(first, key)):
        text.append(f" {percent(change.ratio)}", style="bold" if change.apart else "dim")
    return text


def _verdicts(cell: Cell) -> str:
    counts = {run.verdict: 0 for run in cell.runs}
    for run in cell.runs:
        counts[run.verdict] += 1
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{round(value, 1):g}"
