"""Writes a run's results: ``index.html`` and ``bench.json``."""

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import targets
from benchmarks.contenders import CONTENDERS
from benchmarks.figures import Figures
from benchmarks.plan import Plan
from benchmarks.report import page
from benchmarks.run import Result
from benchmarks.usage import PROCESSORS


def figures(plan: Plan, result: Result) -> Figures:
    samples = ((each.round, each.contender, each.cell, each.measured.values) for each in result.samples)
    return Figures.of(plan.rounds, samples)


def summary(plan: Plan, result: Result) -> dict[str, Any]:
    """What ``bench.json`` holds: the run, every sample, medians by cell, metric and contender, ratios, targets."""
    found = figures(plan, result)
    names = [each.name for each in plan.contenders if each.name not in result.left_out]
    cells = [cell.name for scenario in plan.scenarios for cell in scenario.cells]
    return {
        "started_at": datetime.fromtimestamp(result.started_at, UTC).isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 1),
        "machine": {"processors": PROCESSORS, "model": _model(), "system": platform.platform()},
        "rounds": plan.rounds,
        "scenarios": {
            each.name: {"title": each.title, "cells": [cell.name for cell in each.cells]} for each in plan.scenarios
        },
        "contenders": {name: CONTENDERS[name].title for name in names},
        "failed": result.failed,
        "medians": {cell: _by_metric(found, cell, names) for cell in cells},
        "ratios": {cell: _ratios(found, cell, names) for cell in cells},
        "targets": [_verdict(verdict) for verdict in targets.judge(found)],
        "samples": [
            {
                "round": each.round,
                "cell": each.cell,
                "contender": each.contender,
                "seconds": round(each.seconds, 1),
                "values": each.measured.values,
                "notes": each.measured.notes,
            }
            for each in result.samples
        ],
    }


def write(summary: dict[str, Any], folder: Path) -> None:
    """Into ``folder``, over what an earlier run left there."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "index.html").write_text(page.render(summary), encoding="utf-8")
    (folder / "bench.json").write_text(text + "\n", encoding="utf-8")


def _model() -> str:
    """The processor's name where Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _by_metric(found: Figures, cell: str, names: list[str]) -> dict[str, Any]:
    return {
        metric: {name: asdict(figure) for name in names if (figure := found.figure(name, cell, metric))}
        for metric in found.metrics(cell)
    }


def _ratios(found: Figures, cell: str, names: list[str]) -> dict[str, Any]:
    """This engine by each other contender."""
    others = [name for name in names if name != targets.OURS]
    return {
        metric: {name: asdict(ratio) for name in others if (ratio := found.ratio(targets.OURS, name, cell, metric))}
        for metric in found.metrics(cell)
        if metric != "others_percent"
    }


def _verdict(verdict: targets.Verdict) -> dict[str, Any]:
    return {**asdict(verdict.target), "value": verdict.value, "spread": verdict.spread, "ok": verdict.ok}
