"""The summary in the terminal: what a run found, in a screenful."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from loadtests.summary import passed

_COLUMNS = ("count", "p50_ms", "p95_ms", "p99_ms", "max_ms")


def show(console: Console, summary: dict[str, Any], folder: Path) -> None:
    """Print orders, latencies, rules and the verdict."""
    console.print(Group(_orders(summary), _latencies(summary), _rules(summary), _verdict(summary, folder)))


def _orders(summary: dict[str, Any]) -> Text:
    text = Text("orders  ")
    for name, value in summary["orders"].items():
        bad = name in ("lost", "duplicated") and value != 0
        text.append(f"{'?' if value is None else value} {name}  ", style="bold red" if bad else "")
    if summary["run"]["dropped"]:
        text.append(f"{summary['run']['dropped']} never sent", style="bold red")
    return text


def _latencies(summary: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("milliseconds")
    for column in _COLUMNS:
        table.add_column(column.removesuffix("_ms"), justify="right")
    rows = {**summary["sync"], "order, sent→final": summary["async"]["order"], **summary["async"]["stages"]}
    for name, figures in rows.items():
        style = "bold" if name.startswith("order,") else ""
        table.add_row(Text(name), *(_number(figures[column]) for column in _COLUMNS), style=style)
    return table


def _rules(summary: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for entry in summary["slo"]:
        mark = Text("✓", style="green") if entry["ok"] else Text("✗", style="bold red")
        value = "no value" if entry["value"] is None else f"{entry['value']:g}"
        table.add_row(mark, Text(entry["rule"]), Text(value, style="dim" if entry["ok"] else "bold red"))
    return table


def _verdict(summary: dict[str, Any], folder: Path) -> Text:
    if summary["run"]["state"] == "interrupted":
        text = Text("INTERRUPTED: these are the figures until then", style="bold yellow")
    elif passed(summary):
        text = Text("PASSED", style="bold green")
    else:
        failed = sum(not entry["ok"] for entry in summary["slo"])
        text = Text(f"FAILED: {failed} of {len(summary['slo'])} SLOs do not hold", style="bold red")
    return text.append(f"\nreport  {folder / 'index.html'}", style="default not bold")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:g}"
