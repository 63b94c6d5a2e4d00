"""Folders of matrices that never ran, with the summaries of sample runs."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from loadtests import slo, summary
from tests.loadtests.sample_run import sample


def sample_summary(p50_ms: float = 100.0, verdict: str = "passed", **changes: Any) -> dict[str, Any]:
    """Of a run whose orders took so long in the median, and twice that at the 95th percentile."""
    content = copy.deepcopy(_summary())
    content["async"]["order"] |= {"p50_ms": p50_ms, "p95_ms": 2 * p50_ms, "p99_ms": 3 * p50_ms}
    content["verdict"]["word"] = verdict
    return {**content, **changes}


@cache
def _summary() -> dict[str, Any]:
    return summary.build(sample(60), slo.load("order"))


FLOWS = ({"flow": "choreography"}, {"flow": "saga"})


def matrix_folder(
    folder: Path,
    runs: Sequence[tuple[int, dict[str, Any]]],
    settings: Sequence[Mapping[str, Any]] = FLOWS,
    state: str = "complete",
) -> Path:
    """`runs` are numbers of cells, with the summaries of their runs."""
    told = []
    for number, (cell, content) in enumerate(runs):
        report = f"runs/{number}-order"
        (folder / report).mkdir(parents=True)
        (folder / report / "summary.json").write_text(json.dumps(content))
        told.append({"round": number // len(settings) + 1, "cell": cell, "report": report})
    usual = {"flow": "choreography", "memory_mb": None, "batch_size": None}
    cells = [usual | dict(each) | {"name": " · ".join(map(str, each.values()))} for each in settings]
    content = {
        "state": state,
        "scenario": "order",
        "started_at": "2026-11-21T10:15:30.000Z",
        "ended_at": "2026-11-21T10:25:30.000Z",
        "rounds": max(1, len(runs) // len(settings)),
        "words": {"FLOW": "choreography,saga"},
        "repeat": "make load-matrix FLOW=choreography,saga ROUNDS=2",
        "cells": cells,
        "runs": told,
    }
    (folder / "cells.json").write_text(json.dumps(content))
    return folder
