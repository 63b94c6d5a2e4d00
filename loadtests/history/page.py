"""Renders `reports/index.html`: one file that loads nothing, as a run's own page is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from loadtests import times
from loadtests.history import trends
from loadtests.history.entries import Commit, Listing, Run
from loadtests.report import plots, templates

MARK: Final = '<meta name="generator" content="Loadstack">'
"""Tells the list from any other page of its name."""

WORDS = ("passed", "failed", "interrupted", "died")


def render(listing: Listing) -> str:
    """Return the page. What stands in the reports is escaped, and so are the folders' names."""
    environment = templates.environment(Path(__file__).parent)
    environment.filters.update(address=address, second=second, commit=commit, rate=rate, money=money)
    drawn = trends.of(listing.runs)
    return environment.get_template("history.html.j2").render(
        listing=listing,
        counts=_counts(listing.runs),
        words=WORDS,
        mark=Markup(MARK),
        scenarios=sorted({run.scenario for run in listing.runs}),
        flows=sorted({run.flow for run in listing.runs if run.flow}),
        has_costs=any(run.figures["cost_usd_per_million_orders"] is not None for run in listing.runs),
        trends=drawn,
        figures=Markup(trends.to_script(drawn)),
        library=plots.library() if drawn else "",
    )


def _counts(runs: Sequence[Run]) -> dict[str, int]:
    """Of each verdict's word; those that nobody had are left out, but for the usual two."""
    counted = Counter(run.verdict for run in runs)
    return {word: counted[word] for word in WORDS if counted[word] or word in ("passed", "failed")}


def address(folder: str) -> str:
    """A folder's name in a link, whatever bytes it is made of."""
    return quote(os.fsencode(folder))


def second(epoch_s: float) -> str:
    """`2026-11-21 10:15:30`, UTC."""
    return times.render(epoch_s)[:19].replace("T", " ")


def commit(told: Commit | None) -> str:
    """`72c544a`, with a plus where files were changed since; a dash where none is known."""
    return "-" if told is None else told.id + ("+" if told.dirty else "")


def rate(value: float | None) -> str:
    """Two decimals below 10, one above."""
    return "-" if value is None else f"{value:,.{2 if abs(value) < 10 else 1}f}"


def money(value: float | None) -> str:
    """Dollars and cents."""
    return "-" if value is None else f"{value:,.2f}"
