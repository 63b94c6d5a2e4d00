"""Renders ``index.html``: one file, no script, nothing loaded from anywhere; the style is the load report's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.report.words import CPU, HEADLINES, METRICS, number
from benchmarks.terminal import measured, wanted
from sandbox.paths import ROOT

_STYLE = ROOT / "loadtests" / "report"


@dataclass(frozen=True)
class Bar:
    """A row of a chart: widths in percent of the chart's, with the index of each part's colour."""

    label: str
    parts: list[tuple[int, float]]
    text: str


@dataclass(frozen=True)
class Chart:
    title: str
    bars: list[Bar]
    legend: list[str]


def render(summary: dict[str, Any]) -> str:
    """The page of a ``bench.json``. Names and notes are escaped."""
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, _STYLE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number, metric=lambda name: METRICS.get(name, name), wanted=wanted, measured=measured
    )
    judged = [entry for entry in summary["targets"] if entry["ok"] is not None]
    return environment.get_template("page.html.j2").render(
        summary=summary,
        contenders=list(summary["contenders"]),
        compared=[name for name in ("stock", "ministack") if name in summary["contenders"]],
        held=sum(entry["ok"] for entry in judged),
        judged=len(judged),
        charts={name: charts(summary, name) for name in summary["scenarios"]},
        notes=notes(summary),
    )


def charts(summary: dict[str, Any], scenario: str) -> list[Chart]:
    """The headline metrics of every cell, then the CPU time of a request in the last one, where there is one."""
    cells = {name: summary["medians"][name] for name in summary["scenarios"][scenario]["cells"]}
    found = [
        _chart(_title(cell, metric, len(cells)), metrics[metric])
        for metric in HEADLINES[scenario]
        for cell, metrics in cells.items()
        if metrics.get(metric)
    ]
    last = [cell for cell, metrics in cells.items() if metrics.get("cpu_emulator_ms")][-1:]
    return found + [_stacked(cell, cells[cell]) for cell in last]


def notes(summary: dict[str, Any]) -> dict[str, list[str]]:
    """By cell, what was cut or failed, each said once: ``stock: 180 of 1000 messages in 20 s``."""
    found: dict[str, list[str]] = {}
    for sample in summary["samples"]:
        for note in sample["notes"]:
            found.setdefault(sample["cell"], []).append(f"{sample['contender']}, round {sample['round']}: {note}")
    return found


def _title(cell: str, metric: str, cells: int) -> str:
    return f"{cell}: {METRICS[metric]}" if cells > 1 else METRICS[metric]


def _chart(title: str, figures: dict[str, dict[str, float]]) -> Chart:
    # The floor is so far ahead that its bar at full length would hide the others.
    longest = max([figure["median"] for name, figure in figures.items() if name != "floor"], default=0) or 1
    bars = [
        Bar(name, [(0, min(100.0, 100 * figure["median"] / longest))], number(figure["median"]))
        for name, figure in figures.items()
    ]
    return Chart(title, bars, [])


def _stacked(cell: str, metrics: dict[str, dict[str, dict[str, float]]]) -> Chart:
    sums: dict[str, list[float]] = {}
    for metric in CPU:
        for name, figure in metrics.get(metric, {}).items():
            sums.setdefault(name, []).append(figure["median"])
    longest = max(sum(parts) for parts in sums.values()) or 1
    bars = [
        Bar(name, [(index, 100 * part / longest) for index, part in enumerate(parts)], number(sum(parts)))
        for name, parts in sums.items()
    ]
    return Chart(f"{cell}: CPU of one, ms", bars, list(CPU.values()))
