"""Renders the page of a comparison: one file that loads nothing, as a run's report."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

from markupsafe import Markup

from loadtests.compare import alike, plot, text
from loadtests.compare.result import Comparison
from loadtests.compare.verdicts import change
from loadtests.report import plots, templates

_HERE: Final = Path(__file__).parent
_GROUPS: Final = {
    "orders": "Orders, end to end",
    "requests": "Requests",
    "stages": "Hops between an order's stages",
    "functions": "Functions, for each order on its way",
    "means": "Functions, means of their own clocks",
    "invocations": "Functions, by the engine since it started",
    "processor": "Processor time",
    "rate": "Throughput",
    "failures": "Failures",
    "astray": "Orders that went astray",
    "cost": "Cost",
    "duration_cost": "Cost, with what Lambda bills by time",
}


def render(comparison: Comparison) -> str:
    """Return the page. What comes from outside is escaped; only our own script is not."""
    environment = templates.environment(_HERE)
    environment.filters.update(value=text.value, change=change, interval=text.interval)
    drawn = plot.changes(comparison.figures, comparison.tolerance)
    figures = {} if drawn is None else {"changes": drawn}
    others = [each for each in comparison.figures if not each.decides]
    return environment.get_template("page.html.j2").render(
        comparison=comparison,
        deciding=[each for each in comparison.figures if each.decides],
        others=[(_GROUPS.get(group, group), list(rows)) for group, rows in groupby(others, lambda each: each.group)],
        machine=None if comparison.machine is None else text.machine(comparison.machine),
        commit=alike.commit,
        plots=set(figures),
        figures=Markup(plots.to_script(figures)),
        library=plots.library(),
    )
