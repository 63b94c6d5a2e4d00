"""Renders `index.html`: one file that has its plots' script with it and loads nothing from anywhere."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from loadtests import slo
from loadtests.figures.errors import failures
from loadtests.report import environment, plots, templates
from loadtests.report.errors import strays
from loadtests.report.highlights import highlights
from loadtests.report.plots.hops import PARTS
from loadtests.report.special import special
from loadtests.result import Result


def render(result: Result, summary: dict[str, Any]) -> str:
    """Return the page. Everything from outside (hosts, names, failures) is escaped; only our own script is not."""
    drawn = plots.all_of(result, summary)
    return (
        templates.environment()
        .get_template("page.html.j2")
        .render(
            summary=summary,
            verdict=summary["verdict"],
            is_judged=slo.is_judged,
            highlights=highlights(summary),
            failures=failures(result),
            strays=strays(result),
            environment=environment.facts(result, summary),
            repeat=environment.command(summary),
            special=special(summary),
            parts=_parts(summary),
            spread=_has_spread(summary),
            plots=set(drawn),
            figures=Markup(plots.to_script(drawn)),
            library=plots.library(),
        )
    )


def _parts(summary: dict[str, Any]) -> dict[str, str]:
    """The parts that any hop has, in words."""
    told = {part for row in summary.get("waterfall") or () for part in row["parts"]}
    return {part: words for part, words in PARTS.items() if part in told}


def _has_spread(summary: dict[str, Any]) -> bool:
    return any(figures.get("spread_ms") for figures in (summary["async"]["order"], *summary["sync"].values()))
