"""The summary in the terminal: what a run found, in a screenful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from loadtests.figures.verdict import shown

_COLUMNS: Final = ("p50_ms", "p95_ms", "p99_ms", "max_ms")
_MOST_ERRORS: Final = 5
_RATES: Final = ("asked a second", "done a second", "answer p95 ms", "order p95 ms", "not done at its end", "lost")
_STYLES: Final[Mapping[str, str]] = {
    "passed": "bold green",
    "failed": "bold red",
    "interrupted": "bold yellow",
    "died": "bold red",
}


def show(console: Console, summary: dict[str, Any], folder: Path) -> None:
    """Print orders, latencies, failures, rules and the verdict.

    No rules where a run was ended before anything was measured.
    """
    parts = [
        _orders(summary),
        _latencies(summary),
        *_errors(summary),
        _scaling(summary),
        *_rules(summary["slo"] if summary["duration_s"] else []),
        *_verdict(summary, folder),
    ]
    console.print(Group(*(part for part in parts if part is not None)), soft_wrap=True)


def _orders(summary: dict[str, Any]) -> Text | None:
    """What became of the orders; None where nothing was to be ordered, and all could be sent."""
    text = Text("orders  " if _has_orders(summary) else "")
    for name, value in summary["orders"].items() if _has_orders(summary) else ():
        bad = name in ("lost", "duplicated") and value != 0
        told = f"{'?' if value is None else value} {name.replace('_', ' ')}  "
        text.append(told, style="bold red" if bad else "")
    for name, value in (("not accepted", summary["run"]["not_accepted"]), ("never sent", summary["run"]["dropped"])):
        if value:
            text.append(f"{value} {name}  ", style="bold red")
    text.rstrip()
    return text if text else None


def _has_orders(summary: dict[str, Any]) -> bool:
    return bool(summary["arrival"]["unit"] == "orders")


def _latencies(summary: dict[str, Any]) -> Table | None:
    orders = {"order, sent→final": summary["async"]["order"], **summary["async"]["stages"]}
    rows = summary["sync"] | (orders if _has_orders(summary) else {})
    failed = any(figures["failures"] for figures in summary["sync"].values())
    if not any(figures["count"] for figures in rows.values()):
        return None
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("milliseconds")
    for column in ("count", *(["failures"] if failed else []), *_COLUMNS):
        table.add_column(column.removesuffix("_ms"), justify="right")
    for name, figures in rows.items():
        style = "bold" if name.startswith("order,") else ""
        failures = [_failures(figures)] if failed else []
        told = (_number(figures[column]) for column in _COLUMNS)
        table.add_row(Text(name), _number(figures["count"]), *failures, *told, style=style)
    return table


def _failures(figures: dict[str, Any]) -> Text:
    """Red where there are any; blank where none can be, in the rows of orders."""
    count = figures.get("failures")
    return Text("" if count is None else _number(count), style="bold red" if count else "")


def _errors(summary: dict[str, Any]) -> Iterable[Text]:
    """The most frequent kinds of failure, and how many more there are."""
    errors = summary["errors"]
    for each in errors[:_MOST_ERRORS]:
        what = " ".join(each["what"].split())
        yield Text(f"{each['count']:,} × ", style="bold red").append(
            f"{each['request']}: {what}", style="default not bold"
        )
    if more := errors[_MOST_ERRORS:]:
        yield Text(f"and {len(more)} more kinds of failure: see the report", style="dim")


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
