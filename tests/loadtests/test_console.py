from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loadtests import console, slo, summary
from loadtests.plan import Plan
from tests.loadtests.test_summary import T0, result

RULES = [slo.parse("async.order.p95_ms < 1"), slo.parse("sync.POST /orders.failure_rate < 0.2")]


def shown(**changes: Any) -> str:
    out = io.StringIO()
    built = summary.build(result(**changes), RULES)
    console.show(Console(file=out, width=100), built, Path.cwd() / "reports" / "x")
    return out.getvalue()


def test_summary_says_what_holds_and_what_does_not() -> None:
    text = shown()
    assert "✗ async.order.p95_ms < 1                201.1\n" in text
    assert "✓ sync.POST /orders.failure_rate < 0.2  0.1\n" in text
    assert "FAILED  1 of 2 SLOs does not hold" in text
    assert "report  reports/x/index.html\n" in text
    assert "repeat  make load SCENARIO=order RATE=2 DURATION=5 WARMUP=1\n" in text


def test_no_line_has_blanks_at_its_end() -> None:
    assert [line for line in shown().splitlines() if line != line.rstrip()] == []


def test_ramp_shows_what_each_rate_brought() -> None:
    ramp = Plan("ramp", "http://127.0.0.1:1", rate=10, users=None, duration_s=5, warmup_s=1, drain_s=30, workers=1)
    lines = shown(plan=ramp).splitlines()
    header = next(number for number, line in enumerate(lines) if "asked a second" in line)
    assert [line.split()[0] for line in lines[header + 1 : header + 6]] == ["2", "4", "6", "8", "10"]
    assert "asked a second" not in shown()


def test_run_interrupted_in_its_warmup_shows_no_table_without_values() -> None:
    nothing = {"orders": [], "requests": [], "dropped": [], "samples": []}
    text = shown(state="interrupted", ended_at=T0, **nothing)
    assert "nothing was measured" in text
    assert "no value" not in text
    assert "milliseconds" not in text


@pytest.mark.parametrize(("folder", "told"), [("reports", "reports"), ("/elsewhere/reports", "/elsewhere/reports")])
def test_path_is_relative_below_the_working_directory(folder: str, told: str) -> None:
    assert console.relative(Path.cwd() / folder) == Path(told)
