"""The history in the terminal: a line below a run's summary, or the newest runs in a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loadtests.history.entries import Listing, Run
from loadtests.history.page import commit, second
from loadtests.report.templates import milliseconds
from loadtests.screen import relative

NEWEST: Final = 10
_FIGURES: Final[Mapping[str, str]] = {"order_p95_ms": "order\np95 ms", "answer_p95_ms": "answer\np95 ms"}


def line(listing: Listing, reports: Path, folder: str) -> Text:
    """`runs    reports/index.html  17 in all, 5 of this load`."""
    told = f"{len(listing.runs):,} in all" + (f", {same} of this load" if (same := _same(listing, folder)) else "")
    return Text(f"runs    {relative(reports / 'index.html')}  {told}")


def _same(listing: Listing, folder: str) -> int:
    """Runs of the load that this one had, itself among them; 0 where it is not in the list."""
    this = next((run for run in listing.runs if run.folder == folder), None)
    return 0 if this is None else sum(_load(run) == _load(this) for run in listing.runs)


def _load(run: Run) -> tuple[str, str, str | None]:
    return run.scenario, run.load, run.flow


def show(console: Console, listing: Listing, reports: Path) -> None:
    """Print the newest runs, what could not be read, and where the page is."""
    if listing.runs:
        console.print(_table(listing.runs[:NEWEST]), soft_wrap=True)
    else:
        console.print("No runs yet: make load makes one.")
    if older := max(0, len(listing.runs) - NEWEST) + listing.left_out:
        console.print(Text(f"and {older:,} older ones", style="dim"))
    for broken in listing.unreadable:
        console.print(Text(f"not read: {broken.folder}: {broken.why}", style="yellow"), soft_wrap=True)
    console.print(Text(f"runs    {relative(reports / 'index.html')}"), soft_wrap=True)


def _table(runs: list[Run]) -> Table:
    """A line a run on 80 columns, two where its load has many words, or one was interrupted."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for column in ("run (UTC)", "ended", "commit"):
        table.add_column(column, no_wrap=True)
    for column in _FIGURES.values():
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("load")
    for run in runs:
        verdict = Text(run.verdict, style="" if run.verdict == "passed" else "bold red")
        figures = (milliseconds(run.figures[key]) for key in _FIGURES)
        load = Text(" ".join(filter(None, (run.scenario, run.load, run.flow))))
        table.add_row(second(run.started_at)[5:16], verdict, Text(commit(run.commit)), *figures, load)
    return table
