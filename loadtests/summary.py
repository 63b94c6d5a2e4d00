"""Puts `summary.json` together, in the contract's shape, from what a run has left behind.

Everything but `run.warmup` is about the measured window; every figure can be computed again from `orders.csv`
and `requests.csv`. Synchronous latency runs from the intended send, as the asynchronous one does. The figures
themselves are computed in `figures`, a module for each group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadtests import repeat, saturation, scenarios, slo, times
from loadtests.arrivals.schedule import Schedule
from loadtests.breakpoint import figures as breakpoints
from loadtests.figures import (
    arrival,
    cost,
    drift,
    errors,
    functions,
    harness,
    latencies,
    orders,
    queues,
    recovery,
    replay,
    run,
    scaling,
    stock,
    verdict,
    waterfall,
)
from loadtests.result import Result


def build(result: Result, rules: Sequence[slo.Rule]) -> dict[str, Any]:
    """Return the summary, SLOs judged. Figures that this version does not have are None."""
    histograms = latencies.of(result)
    by_function = functions.by_name(result)
    schedule = scenarios.schedule(result.plan)
    bill = cost.told(result)
    steps = schedule if isinstance(schedule, Schedule) else None
    summary: dict[str, Any] = {
        "scenario": result.plan.scenario,
        "engine": result.engine,
        "host": result.plan.host,
        "started_at": times.render(result.started_at),
        "duration_s": round(result.ended_at - result.started_at, 3),
        "arrival": arrival.told(result),
        "orders": orders.counts(result.measured_orders, result),
        "sync": latencies.sync(result, histograms),
        "async": latencies.asynchronous(result, histograms),
        "functions": by_function,
        "queues": queues.by_name(result),
        "saturation": None,
        "slo": [],
        "cost_usd_per_million_orders": cost.per_million_orders(bill),
        "flow": result.flow,
        "waterfall": waterfall.of(result.measured_orders, result.inits_ms),
        "stock": stock.told(result),
        "harness": harness.told(result),
        "scaling": scaling.rows(result, steps),
        "recovery": recovery.told(result, steps),
        "drift": drift.told(result),
        "breakpoint": breakpoints.told(result.search),
        "cost": bill,
        "cost_unknown": cost.unknown(result),
        "replay": replay.told(result),
        "run": run.told(result),
        "errors": errors.told(result),
        "repeat": repeat.command(result.asked, result.flow),
    }
    judged = slo.judge(rules, summary)
    summary.update(saturation=saturation.verdict(result, schedule, is_slow=slo.is_slow(judged)))
    searched = breakpoints.verdict(result.search, judged) if result.search is not None else None
    summary.update(slo=judged, verdict=searched or verdict.told(result, judged))
    return summary


def passed(summary: dict[str, Any]) -> bool:
    """Whether the run came to its end and every SLO holds; true without any."""
    return bool(summary["verdict"]["word"] == "passed")
