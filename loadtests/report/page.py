"""Renders `index.html`: one file, no script, nothing loaded from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from loadtests.report import charts
from loadtests.result import Result
from loadtests.summary import passed


def render(result: Result, summary: dict[str, Any]) -> str:
    """Return the page. Everything from outside (hosts, names, failures) is escaped; only our own charts are
    not.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ms"] = milliseconds
    environment.filters["plain"] = plain
    drawn = {
        "latency": charts.latency_over_time(result),
        "hops": charts.hops(summary["async"]["stages"]),
        "queues": charts.queue_depths(result),
    }
    return environment.get_template("page.html.j2").render(
        summary=summary,
        verdict=verdict(summary),
        lost=[order for order in result.measured_orders if order.status == "LOST"][:20],
        failures=failures(result),
        **{name: None if svg is None else Markup(svg) for name, svg in drawn.items()},
    )


def verdict(summary: dict[str, Any]) -> str:
    """`interrupted`, `passed` or `failed`."""
    if summary["run"]["state"] == "interrupted":
        return "interrupted"
    return "passed" if passed(summary) else "failed"


def failures(result: Result) -> list[tuple[str, str, int]]:
    """Requests that failed: `(request, what happened, how often)`, the most frequent first, at most ten."""
    counts: dict[tuple[str, str], int] = {}
    for request in result.measured_requests:
        if request.failure is not None:
            key = (request.key, request.failure)
            counts[key] = counts.get(key, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:10]
    return [(key, what, count) for (key, what), count in ranked]


def milliseconds(value: float | None) -> str:
    """`1,234`, `56.7` or a dash."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def plain(value: float | None) -> str:
    """A number without needless digits, or a dash."""
    return "-" if value is None else f"{value:,.6g}"
