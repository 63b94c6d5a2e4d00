"""A comparison in the terminal, and in `compare.txt`: what decides, what else changed, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtests.compare.figures import Figure
from loadtests.compare.reports import Report
from loadtests.compare.result import Comparison
from loadtests.compare.verdicts import change

_STYLES: Final = {"worse": "bold red", "better": "bold green", "the same": "", "not enough data": "dim"}
_MOST_OTHERS: Final = 8
_SMALL: Final = 0.001


def show(console: Console, comparison: Comparison, page: Path | None) -> None:
    """Print it. The figures that only inform are shown where they changed, at most eight; the page has all."""
    console.print(Group(*_parts(comparison, page)), soft_wrap=True)


def _parts(comparison: Comparison, page: Path | None) -> Iterator[RenderableType]:
    yield Text(f"A       {_runs(comparison.a)}")
    yield Text(f"B       {_runs(comparison.b)}")
    for difference in comparison.differences:
        yield Text(f"differs {difference}", style="dim")
    if comparison.machine is not None:
        yield Text(f"machine {machine(comparison.machine)}", style="dim")
    yield _table([each for each in comparison.figures if each.decides], comparison.tolerance)
    others = [each for each in comparison.figures if not each.decides and each.verdict in ("worse", "better")]
    if others:
        named = "; ".join(f"{each.name} {change(each)}" for each in others[:_MOST_OTHERS])
        more = f"; and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
        yield Text(f"also changed, of figures that do not decide: {named}{more}", style="dim")
    word = comparison.verdict["word"]
    yield Text(word.upper(), style=_STYLES[word] or "bold").append(
        f"  {comparison.verdict['sentence']}", style="default not bold not dim"
    )
    if page is not None:
        yield Text(f"report  {page}")


def machine(relative: float) -> str:
    """The machine's speed, by the harness's processor time."""
    return f"the harness's own work took {relative * 100:+.1f} % processor time in B"


def _runs(side: Sequence[Report]) -> str:
    return ", ".join(f"{each.name} ({each.summary['verdict']['word']})" for each in side)


def _table(figures: Sequence[Figure], tolerance: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(f"tolerance {tolerance * 100:g} %")
    for column in ("A", "B", "change", "95 %", "verdict"):
        table.add_column(column, justify="left" if column == "verdict" else "right", no_wrap=True)
    for each in figures:
        table.add_row(
            Text(each.name),
            value(each.a, each.unit).removesuffix(" ms"),
            value(each.b, each.unit).removesuffix(" ms"),
            change(each),
            interval(each),
            Text(each.verdict, style=_STYLES[each.verdict]),
        )
    return table


def value(number: float, unit: str) -> str:
    """A figure of one side with its unit; shares in percent."""
    if unit == "share":
        return f"{number:.2%}" if number >= _SMALL or not number else f"{number * 100:.2g}%"
    return f"{number:,.4g}{' ms' if unit == 'ms' else ''}"


def interval(figure: Figure) -> str:
    """`+1.0…+3.2`, or a dash where nothing tells of it."""
    if figure.interval is None:
        return "-"
    low, high = (end * 100 for end in figure.interval)
    return f"{low:+,.1f}…{high:+,.1f}"
