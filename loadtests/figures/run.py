"""What is not in the contract: how the run itself went."""

from __future__ import annotations

from typing import Any

from loadtests.figures import arrival, machine
from loadtests.figures import orders as of_orders
from loadtests.percentiles import latency
from loadtests.result import Result
from loadtests.saturation import lateness_ms


def told(result: Result) -> dict[str, Any]:
    """How it ended, arrivals that were not sent, lateness of those that were, messages given up on, the warm-up."""
    orders = result.measured_orders
    dropped = result.measured_dropped
    late = latency(lateness_ms(result))
    return {
        "id": result.run_id,
        "state": result.state,
        "commit": result.commit.to_json() if result.commit else None,
        "workers": result.plan.workers,
        "warmup_s": result.plan.warmup_s,
        "intended": len(arrival.left(result)) + len(dropped),
        "dropped": len(dropped),
        "dead_letters": sum(result.dead_letters.values()) if result.dead_letters else None,
        "full": bool(result.total("full")),
        "not_accepted": sum(order.status == "NOT_ACCEPTED" for order in orders),
        "unnotified": sum(
            order.status in ("CONFIRMED", "REJECTED") and "notified" not in order.stages for order in orders
        ),
        "late_p50_ms": late["p50_ms"],
        "late_p99_ms": late["p99_ms"],
        "late_max_ms": late["max_ms"],
        "probe_errors": result.total("probe_errors"),
        "unreadable_messages": result.total("unreadable"),
        "machine": machine.told(result),
        "cold_starts_read": None if result.inits_ms is None else len(result.inits_ms),
        "warmup": of_orders.counts(result.warmup_orders, result),
    }
