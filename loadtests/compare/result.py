"""A comparison, and `compare.json`, which says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadtests import times
from loadtests.compare import alike, lacking, samples, verdicts
from loadtests.compare.figures import Figure, compared, machine_change
from loadtests.compare.reports import Report


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs before, `a`, and after, `b`; the figures that decide come first. `machine` is the change of the harness's
    own processor time for the same work, relative; None: not known.
    """

    a: Sequence[Report]
    b: Sequence[Report]
    tolerance: float
    figures: list[Figure]
    machine: float | None
    differences: list[str]
    verdict: verdicts.Told
    side_by_side: bool
    """One run each, at the same time."""

    @property
    def scenario(self) -> str:
        """Of all runs."""
        return str(self.a[0].summary["scenario"])


def compare(a: Sequence[Report], b: Sequence[Report], tolerance: float) -> Comparison:
    """Compare two sides, at least one run each, that `alike` has found comparable."""
    before, after = ([samples.of(each) for each in side] for side in (a, b))
    side_by_side = alike.are_side_by_side(a, b)
    in_step = alike.are_in_step(a, b)
    figures = compared(before, after, tolerance, side_by_side=side_by_side, in_step=in_step)
    machine = machine_change(before, after)
    return Comparison(
        a,
        b,
        tolerance,
        figures,
        None if machine is None else math.expm1(machine),
        [*alike.differences(a, b), *lacking.told(a, b, before, after)],
        verdicts.told(figures, (len(a), len(b)), side_by_side=side_by_side),
        side_by_side,
    )


def to_json(comparison: Comparison, created_at: float) -> dict[str, Any]:
    """`compare.json`. Changes, intervals, tolerances are relative (0.2: a fifth more), those of shares differences."""
    return {
        "kind": "comparison",
        "created_at": times.render(created_at),
        "scenario": comparison.scenario,
        "tolerance": comparison.tolerance,
        "verdict": comparison.verdict,
        "a": [_run(each) for each in comparison.a],
        "b": [_run(each) for each in comparison.b],
        "side_by_side": comparison.side_by_side,
        "differences": comparison.differences,
        "machine_change": _rounded(comparison.machine),
        "figures": [_figure(each) for each in comparison.figures],
    }


def _run(report: Report) -> dict[str, Any]:
    summary: Mapping[str, Any] = report.summary
    return {
        "report": report.name,
        "started_at": summary["started_at"],
        "duration_s": summary["duration_s"],
        "commit": alike.commit(summary),
        "flow": summary.get("flow"),
        "engine": summary.get("engine"),
        "verdict": summary["verdict"]["word"],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "group": figure.group,
        "name": figure.name,
        "unit": figure.unit,
        "a": _rounded(figure.a),
        "b": _rounded(figure.b),
        "change": _rounded(figure.change),
        "interval": [_rounded(end) for end in figure.interval] if figure.interval else None,
        "tolerance": _rounded(figure.tolerance),
        "verdict": figure.verdict,
        "decides": figure.decides,
        "by_machine": figure.by_machine,
    }


def _rounded(value: float | None) -> float | None:
    """Six digits; what overflowed (an interval of two hopeless runs) is as good as unknown."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
