"""A first verdict on what limited the load, and never more than the evidence carries.

The generator is to blame when arrivals left late although there was room for them: the figures then describe
it, not the stack. The stack (its own settings) is to blame when its functions were throttled. Whether the
sandbox as a whole was at its limit cannot be told from one load; a search for the highest rate that holds its
SLOs can, and then fills this in.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from loadtests.result import Result

LATE_MS: Final = 50.0
"""Arrivals that leave later than this at the 99th percentile are no longer those that were asked for."""

LATE_SHARE: Final = 0.1
"""And by more than this share of what an order's answer took at the 95th: less than that hides in the noise."""

BUSY_PERCENT: Final = 90.0


def lateness_ms(result: Result) -> list[float]:
    """How much after its instant each measured order left."""
    return [(order.placed.sent - order.placed.intended) * 1000 for order in result.measured_orders if order.placed]


def verdict(result: Result, functions: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """Return `{limit, evidence}`; `limit` is `generator`, `stack` or None, `evidence` a sentence."""
    late = lateness_ms(result)
    late_p99 = float(np.percentile(late, 99)) if late else 0.0
    throttles = sum(int(figures.get("throttles") or 0) for figures in (functions or {}).values())
    evidence = "; ".join(_evidence(result, late_p99, throttles))
    is_late = late_p99 > LATE_MS and late_p99 > LATE_SHARE * _answered_p95_ms(result)
    limit = "generator" if is_late else "stack" if throttles else None
    return {"limit": limit, "evidence": evidence}


def _answered_p95_ms(result: Result) -> float:
    answered = [
        (order.placed.answered - order.placed.intended) * 1000 for order in result.measured_orders if order.placed
    ]
    return float(np.percentile(answered, 95)) if answered else 0.0


def _evidence(result: Result, late_p99: float, throttles: int) -> list[str]:
    told = [f"orders left up to {late_p99:.1f} ms late (p99)"]
    if result.dropped:
        told.append(f"{len(result.dropped)} arrivals were dropped because too many waited for an answer")
    if throttles:
        told.append(f"functions were throttled {throttles} times")
    cpu = [sample.cpu_percent for sample in result.samples if sample.at >= result.started_at]
    if cpu:
        mean = float(np.mean(cpu))
        busy = "; it was at its limit" if mean >= BUSY_PERCENT else ""
        told.append(f"this machine's processors were {mean:.0f} % busy on average{busy}")
    return told
