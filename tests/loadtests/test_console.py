from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loadtests import console, slo, summary
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Placed, Request
from loadtests.screen import relative
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


def test_rule_that_an_ended_run_cannot_be_held_to_is_not_judged() -> None:
    text = shown(state="interrupted", orders=[], requests=[])
    assert "- async.order.p95_ms < 1                not judged\n" in text
    assert "✗" not in text
    assert "✗ async.order.p95_ms < 1                no value\n" in shown(orders=[], requests=[])


def test_flow_is_told_where_the_stack_tells_it() -> None:
    assert "flow    saga\n" in shown(flow="saga")
    assert "flow  " not in shown()


def test_what_limited_the_load_is_told_in_a_line() -> None:
    late = Order("lt-x", Placed("lt-x", T0, T0 + 0.5, T0 + 0.6, 202, "o-1"))
    assert "limit   generator: arrivals left up to 500.0 ms late (p99)\n" in shown(orders=[late], requests=[])
    assert "limit   none found: nothing piled up\n" in shown(orders=[], requests=failing(None, status=200), dropped=[])
    assert "limit   " not in shown(state="interrupted", ended_at=T0, orders=[], requests=[], dropped=[], samples=[])


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
    assert relative(Path.cwd() / folder) == Path(told)


def failing(*failures: str | None, status: int = 500) -> list[Request]:
    return [
        Request(T0 + i, T0 + i, T0 + i, "GET", "/products/{productId}", status, 9.0, failure)
        for i, failure in enumerate(failures)
    ]


def test_failures_have_a_column_and_a_line_for_each_kind() -> None:
    urls = [f"BadStatusCode('http://h/products/p-{i}', code=500)" for i in range(3)]
    orders = [Request(T0, T0, T0, "POST", "/orders", 503, 9.0, "answered 503 instead of 202")]
    lines = shown(requests=[*failing(*urls, None), *orders]).splitlines()
    header = next(line for line in lines if line.startswith("milliseconds"))
    assert header.split() == ["milliseconds", "count", "failures", "p50", "p95", "p99", "max"]
    assert next(line for line in lines if line.startswith("GET /products")).split()[2:4] == ["4", "3"]
    assert len(next(line for line in lines if line.startswith("order, sent")).split()) == 7
    told = [line for line in lines if " × " in line]
    assert told == ["3 × GET /products/{productId}: answered 500", "1 × POST /orders: answered 503 instead of 202"]


def test_run_without_failures_has_no_column_for_them() -> None:
    text = shown(requests=failing(None, status=200))
    assert "failures" not in text
    assert " × " not in text


def test_five_kinds_of_failure_are_shown() -> None:
    text = shown(requests=failing(*(f"kind {i}" for i in range(7))))
    assert text.count(" × ") == 5
    assert "and 2 more kinds of failure: see the report" in text


def test_scenario_without_orders_speaks_of_none() -> None:
    plan = Plan("catalog", "http://127.0.0.1:1", rate=2, users=None, duration_s=5, warmup_s=1, drain_s=30, workers=1)
    text = shown(plan=plan, orders=[], requests=failing(None, status=200), dropped=[])
    assert text.splitlines()[0].startswith("milliseconds")
    assert "order" not in text.split("✗")[0]


def test_orders_that_were_not_accepted_are_shown() -> None:
    order = Order("lt-x", Placed("lt-x", T0, T0, T0 + 0.01, 503, None))
    assert "1 not accepted" in shown(orders=[order]).splitlines()[0]


def test_cost_has_a_line_where_the_engine_counts() -> None:
    counted = {"usage_before": {"since": "x"}, "usage_after": {"since": "x", "ses": {"mails": 12}}}
    text = shown(**counted)
    assert "cost    $100.00 a million orders on AWS; $525.60 a month at 2 a second, and $0.00 without any\n" in text


def test_cost_that_nobody_knows_says_why() -> None:
    assert "cost    unknown: this stack does not count what AWS would bill\n" in shown()
    counted = {"usage_before": {"since": "x"}, "usage_after": {"since": "later"}}
    assert "cost    unknown: the counters began anew in the run\n" in shown(**counted)
    nothing = {"orders": [], "requests": [], "dropped": [], "samples": []}
    assert "cost  " not in shown(state="interrupted", ended_at=T0, **nothing)
