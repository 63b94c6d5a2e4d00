"""The summary in the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.report.words import number


def show(console: Console, summary: dict[str, Any]) -> None:
    """The medians of every cell, then the targets."""
    for cell, metrics in summary["medians"].items():
        if metrics:
            console.print(_medians(cell, metrics, list(summary["contenders"])))
    console.print(_targets([entry for entry in summary["targets"] if entry["ok"] is not None]))
    for name, reason in summary["failed"].items():
        console.print(Text(f"{name} could not be measured: {reason}", style="bold red"))


def _medians(cell: str, metrics: dict[str, Any], contenders: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(cell, min_width=24)
    for name in contenders:
        table.add_column(name, justify="right")
    for metric, figures in metrics.items():
        table.add_row(metric, *(_median(figures.get(name)) for name in contenders))
    return table


def _targets(entries: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for entry in entries:
        mark = Text("✓ ok", style="green") if entry["ok"] else Text("✗ not ok", style="bold red")
        table.add_row(mark, entry["what"], wanted(entry), measured(entry))
    return table


def measured(entry: dict[str, Any]) -> str:
    """`7.5 times stock`, `2.4 ms`."""
    return f"{number(entry['value'])}{times(entry)}" if entry["value"] is not None else f"{entry['against']} gave 0"


def wanted(entry: dict[str, Any]) -> str:
    """`at least 6 times stock`, `at most 3 ms`."""
    return f"{entry['bound']} {entry['limit']:g}{times(entry)}"


def times(entry: dict[str, Any]) -> str:
    return f" times {entry['against']}" if entry["against"] else f" {entry['unit']}"


def _median(figure: dict[str, float] | None) -> str:
    return number(figure["median"]) if figure else "-"
