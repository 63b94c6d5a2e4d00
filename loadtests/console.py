"""The summary in the terminal: what a run found, in a screenful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from loadtests import slo
from loadtests.figures.verdict import shown
from loadtests.report.dollars import dollars
from loadtests.screen import relative

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
        *_replay(summary),
        _scaling(summary),
        *_rules(summary["slo"] if summary["duration_s"] else [], summary["run"]["state"]),
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
    others = {
        "not accepted": summary["run"]["not_accepted"],
        "never sent": summary["run"]["dropped"],
        "cut off": summary["arrival"]["aborted"],
    }
    for name, value in others.items():
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


def _replay(summary: dict[str, Any]) -> Iterable[Text]:
    """What of a log was played, and whether the shop's books have it; nothing in other scenarios."""
    told = summary["replay"]
    if not told:
        return
    orders, rows = told["orders"], told["rows"]
    yield Text(
        f"replay  {orders['played']:,} of {orders['read']:,} orders and {rows['played']:,} of {rows['read']:,} rows "
        f"of the log, {told['from']} to {told['to']}, {told['speed']:g} times as fast"
    )
    if left := ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in rows["left_out"].items()):
        yield Text(f"        rows left out: {left}")
    difference = told["revenue_difference"]
    shown_difference = "unknown" if difference is None else f"{difference / 100:+,.2f}" if difference else "the same"
    text = Text(f"        revenue {_money(told['revenue_cents'])}, in the analytics ")
    yield text.append(shown_difference, style="bold red" if difference else "")


def _money(cents: int | None) -> str:
    return "unknown" if cents is None else f"{cents / 100:,.2f}"


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


def _rules(judged: list[dict[str, Any]], state: str) -> Iterable[Text]:
    width = max((len(entry["rule"]) for entry in judged), default=0)
    for entry in judged:
        if not slo.is_judged(entry, state):
            yield Text(f"- {entry['rule']:{width}}  not judged", style="dim")
            continue
        value = "no value" if entry["value"] is None else shown(entry["value"])
        mark = Text("✓ ", style="green") if entry["ok"] else Text("✗ ", style="bold red")
        rule = Text(f"{entry['rule']:{width}}  ", style="default not bold")
        yield mark.append_text(rule).append(value, style="dim" if entry["ok"] else "bold red")


def _verdict(summary: dict[str, Any], folder: Path) -> Iterable[Text]:
    word, sentence = summary["verdict"]["word"], summary["verdict"]["sentence"]
    yield Text(word.upper(), style=_STYLES[word]).append(f"  {sentence}", style="default not bold")
    if summary["duration_s"]:
        # What broke a search is of more interest than what the step that broke nothing was near.
        broke = (summary["breakpoint"] or {}).get("broke")
        where = f" at {broke['rate_per_s']:g} a second" if broke else ""
        found = broke or summary["saturation"]
        yield Text(f"limit   {found['limit'] or 'none found'}{where}: {found['reason']}")
    if summary["flow"]:
        yield Text(f"flow    {summary['flow']}")
    if cost := summary["cost"]:
        yield Text(_cost(cost, summary["saturation"]["limit"] == "sandbox"))
    elif summary["duration_s"]:
        yield Text(f"cost    unknown: {summary['cost_unknown']}")
    yield Text(f"report  {relative(folder / 'index.html')}")
    yield Text(f"repeat  {summary['repeat']}")


def _cost(cost: dict[str, Any], is_full: bool) -> str:
    """With a warning where functions waited for the sandbox, which AWS would not bill."""
    month = f"{dollars(cost['usd_per_month'])} a month at {_number(cost['rate_per_s'])} a second"
    standing = f"{dollars(cost['standing_usd_per_month'])} without any"
    waited = "; Lambda's part is too high, since functions waited for this machine" if is_full else ""
    return (
        f"cost    {dollars(cost['usd_per_million'])} a million {cost['unit']} on AWS; {month}, and {standing}{waited}"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{round(value, 1):g}"
