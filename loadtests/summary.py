"""Computes `summary.json`, in the contract's shape, from what a run has left behind.

Everything but `run.warmup` is about the measured window; every figure can be computed again from `orders.csv`
and `requests.csv`. Synchronous latency runs from the intended send, as the asynchronous one does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from loadtests import slo, times
from loadtests.orders import STAGES, Order
from loadtests.percentiles import latency
from loadtests.result import Functions, Result
from loadtests.saturation import lateness_ms, verdict

_COUNTERS: Final = ("invocations", "errors", "throttles", "cold_starts")
_POINTS: Final = ("sent", *STAGES)


def build(result: Result, rules: Sequence[slo.Rule]) -> dict[str, Any]:
    """Return the summary, SLOs judged. Figures that this version does not have are None."""
    plan = result.plan
    functions = _functions(result)
    summary: dict[str, Any] = {
        "scenario": plan.scenario,
        "engine": result.engine,
        "host": plan.host,
        "started_at": times.render(result.started_at),
        "duration_s": round(result.ended_at - result.started_at, 3),
        "arrival": {"model": plan.model, "rate_per_s": plan.rate, "users": plan.users},
        "orders": _counts(result.measured_orders, result),
        "sync": _sync(result),
        "async": {"order": _end_to_end(result.measured_orders), "stages": _stages(result.measured_orders)},
        "functions": functions,
        "queues": _queues(result),
        "saturation": verdict(result, functions),
        "slo": [],
        "cost_usd_per_million_orders": None,
        "run": _run(result),
    }
    summary["slo"] = slo.judge(rules, summary)
    return summary


def passed(summary: dict[str, Any]) -> bool:
    """Whether every SLO holds; true without any."""
    return all(entry["ok"] for entry in summary["slo"])


def _counts(orders: Iterable[Order], result: Result) -> dict[str, int | None]:
    """An interrupted run did not wait for its orders, so what it has not heard of may not be lost: None,
    then.
    """
    orders = list(orders)
    statuses = Counter(order.status for order in orders)
    lost: int | None = statuses["LOST"]
    return {
        "accepted": sum(order.accepted for order in orders),
        "confirmed": statuses["CONFIRMED"],
        "rejected": statuses["REJECTED"],
        "cancelled": statuses["CANCELLED"],
        "lost": None if lost and result.state == "interrupted" else lost,
        "duplicated": sum(order.duplicated for order in orders),
    }


def _sync(result: Result) -> dict[str, Any]:
    by_key: dict[str, list[Any]] = defaultdict(list)
    for request in result.measured_requests:
        by_key[request.key].append(request)
    return {
        key: {
            "count": len(requests),
            "failures": sum(request.failure is not None for request in requests),
            **{
                name: value
                for name, value in latency([request.latency_ms for request in requests]).items()
                if name != "count"
            },
        }
        for key, requests in sorted(by_key.items())
    }


def _end_to_end(orders: Iterable[Order]) -> dict[str, Any]:
    return dict(latency([ms for order in orders if (ms := order.latency_ms) is not None]))


def _stages(orders: Iterable[Order]) -> dict[str, Any]:
    hops: dict[str, list[float]] = defaultdict(list)
    for order in orders:
        for hop, ms in order.hops_ms():
            hops[hop].append(ms)
    return {hop: latency(hops[hop]) for hop in sorted(hops, key=_hop_rank)}


def _hop_rank(hop: str) -> list[int]:
    return [_POINTS.index(point) if point in _POINTS else len(_POINTS) for point in hop.split("→")]


def _functions(result: Result) -> dict[str, dict[str, Any]] | None:
    """Counters are of the run alone. Percentiles are the engine's own, over what it keeps."""
    if result.functions_after is None:
        return None
    before = result.functions_before or {}
    return {
        name: {
            **{key: _increase(before, result.functions_after, name, key) for key in _COUNTERS},
            "p50_ms": figures.get("p50_ms"),
            "p99_ms": figures.get("p99_ms"),
            "max_concurrency": _max_concurrency(result, name),
        }
        for name, figures in sorted(result.functions_after.items())
    }


def _increase(before: Functions, after: Functions, name: str, key: str) -> int | None:
    """A counter's growth; its value if it was reset meanwhile; None if the engine does not count that."""
    now, then = after[name].get(key), before.get(name, {}).get(key) or 0
    if now is None:
        return None
    return int(now - then) if now >= then else int(now)


def _max_concurrency(result: Result, name: str) -> int | None:
    """The engine's maximum if the run raised it, else the highest that was sampled: its maximum may be of an
    earlier run.
    """
    after = (result.functions_after or {})[name].get("max_concurrency")
    before = (result.functions_before or {}).get(name, {}).get("max_concurrency")
    if after is None or before is None or after > before:
        return after
    return max((sample.concurrency.get(name, 0) for sample in result.samples), default=0)


def _queues(result: Result) -> dict[str, Any]:
    """The contract's queues and any others there are; dead-letter queues show in what they belong to."""
    names = sorted({name for sample in result.samples for name in sample.depths})
    return {
        name: {
            "max_depth": max((sample.depths.get(name, 0) for sample in result.samples), default=0),
            "max_age_s": None,
            "dead_letters": result.dead_letters.get(name),
        }
        for name in names
    }


def _run(result: Result) -> dict[str, Any]:
    """What is not in the contract: how the harness itself fared."""
    orders = result.measured_orders
    dropped = [at for at in result.dropped if result.is_measured(at)]
    late = latency(lateness_ms(result))
    return {
        "id": result.run_id,
        "state": result.state,
        "workers": result.plan.workers,
        "warmup_s": result.plan.warmup_s,
        "intended": len(orders) + len(dropped),
        "dropped": len(dropped),
        "not_accepted": sum(order.status == "NOT_ACCEPTED" for order in orders),
        "unnotified": sum(
            order.status in ("CONFIRMED", "REJECTED") and "notified" not in order.stages for order in orders
        ),
        "late_p50_ms": late["p50_ms"],
        "late_p99_ms": late["p99_ms"],
        "late_max_ms": late["max_ms"],
        "probe_errors": result.probe_errors,
        "unreadable_messages": result.unreadable,
        "warmup": _counts(result.warmup_orders, result),
    }
