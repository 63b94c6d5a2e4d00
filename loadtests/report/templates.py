"""Templates of pages that look like a run's: their own folder first, then the report's style, script and macros."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from loadtests import times
from loadtests.report.dollars import bounds, dollars


def environment(*folders: Path) -> Environment:
    """Everything that is put in is escaped, and a name that there is not is an error."""
    templates = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(ms=milliseconds, plain=plain, moment=times.render, usd=dollars)
    templates.filters.update(ms_bounds=partial(bounds, shown=milliseconds), usd_bounds=partial(bounds, shown=dollars))
    return templates


def milliseconds(value: float | None) -> str:
    """`1,234`, `56.7` or a dash."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def plain(value: float | None) -> str:
    """A number without needless digits, or a dash."""
    return "-" if value is None else f"{value:,.7g}"
