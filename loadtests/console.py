"""The summary in the terminal: what a run found, in a screenful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from loadtests.figures.verdict import shown

_COLUMNS: Final = ("count", "p50_ms", "p95_ms", "p99_ms", "max_ms")
_RATES: Final = ("asked a second", "done a second", "answer p95 ms", "order p95 ms", "not done at its end", "lost")
_STYLES: Final[Mapping[str, str]] = {
    "passed": "bold green",
    "failed": "bold red",
    "interrupted": "bold yellow",
    "died": "bold red",
}


def show(console: Console, summary: dict[str, Any], folder: Path) -> None:
    """Print orders, latencies, rules and the verdict; no rules where a run was ended before anything was measured."""
    parts = [
        _orders(summary),
        _latencies(summary),
        _scaling(summary),
        *_rules(summary["slo"] if summary["duration_s"] else []),
        *_verdict(summary, folder),
    ]
    console.print(Group(*(part for part in parts if part is not None)), soft_wrap=True)


def _orders(summary: dict[str, Any]) -> Text:
    text = Text("orders  ")
    for name, value in summary["orders"].items():
        bad = name in ("lost", "duplicated") and value != 0
        told = f"{'?' if value is None else value} {name.replace('_', ' ')}  "
        text.append(told, style="bold red" if bad else "")
    if summary["run"]["dropped"]:
        text.append(f"{summary['run']['dropped']} never sent", style="bold red")
    text.rstrip()
    return text


def _latencies(summary: dict[str, Any]) -> Table | None:
    rows = {**summary["sync"], "order, sent→final": summary["async"]["order"], **summary["async"]["stages"]}
    if not any(figures["count"] for figures in rows.values()):
        return None
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("milliseconds")
    for column in _COLUMNS:
        table.add_column(column.removesuffix("_ms"), justify="right")
    for name, figures in rows.items():
        style = "bold" if name.startswith("order,") else ""
        table.add_row(Text(name), *(_number(figures[column]) for column in _COLUMNS), style=style)
    return table


def _scaling(summary: dict[str, Any]) -> Table | None:
    """What each rate brought; None where there was only one."""
    rows = summary["scaling"] or []
    if len(rows) < 2:
        return None
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in _RATES:
        table.add_column(column, justify="right")
    for row in rows:
        told = (row["rate_per_s"], row["throughput_per_s"], row["sync"]["p95_ms"], row["async"]["p95_ms"])
        table.add_row(*map(_number, told), _number(row["outstanding"]), _number(row["lost"]))
    return table


def _rules(judged: list[dict[str, Any]]) -> Iterable[Text]:
    width = max((len(entry["rule"]) for entry in judged), default=0)
    for entry in judged:
        value = "no value" if entry["value"] is None else shown(entry["value"])
        mark = Text("✓ ", style="green") if entry["ok"] else Text("✗ ", style="bold red")
        rule = Text(f"{entry['rule']:{width}}  ", style="default not bold")
        yield mark.append_text(rule).append(value, style="dim" if entry["ok"] else "bold red")


def _verdict(summary: dict[str, Any], folder: Path) -> Iterable[Text]:
    word, sentence = summary["verdict"]["word"], summary["verdict"]["sentence"]
    yield Text(word.upper(), style=_STYLES[word]).append(f"  {sentence}", style="default not bold")
    yield Text(f"report  {relative(folder / 'index.html')}")
    yield Text(f"repeat  {summary['repeat']}")


def relative(path: Path) -> Path:
    """The path as somebody here would type it: relative where it lies below the working directory."""
    here = Path.cwd()
    absolute = path.absolute()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}"
