"""What the harness itself cost, and how far its clocks were off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loadtests.batch import Counters
from loadtests.result import Result


def told(result: Result) -> dict[str, Any]:
    """Percent are of one processor core, over the load without the drain; those of all processes add up.

    `generator_cpu_percent` is all that a generating process used but for its probe. `main_cpu_percent` is of the
    process that gathers, where it generates nothing itself; else None, and in the generator's.
    """
    processes = [_process(worker, counters) for worker, counters in sorted(result.counters.items())]
    probe_s = sum(counters.get("probe_s", 0.0) for counters in result.counters.values())
    orders = len(result.measured_orders)
    offsets = [each["clock_offset_ms"] for each in processes if each["clock_offset_ms"] is not None]
    return {
        "generator_cpu_percent": _sum(processes, "generator_cpu_percent"),
        "probe_cpu_percent": _sum(processes, "probe_cpu_percent"),
        "main_cpu_percent": _percent(result.main_used.process_s, result.main_used.wall_s),
        "probe_messages": result.total("received"),
        "probe_errors": result.total("probe_errors"),
        "probe_cpu_ms_per_order": round(probe_s * 1000 / orders, 3) if orders else None,
        "clock_offset_ms": max(offsets, key=abs, default=None),
        "processes": processes,
    }


def _process(worker: int, counters: Counters) -> dict[str, Any]:
    """The clock's offset is by how much the stack's is ahead. Beyond its uncertainty all times were shifted by it."""
    wall_s, probe_s = counters.get("wall_s", 0.0), counters.get("probe_s", 0.0)
    return {
        "worker": worker,
        "sent": int(counters.get("sent", 0)),
        "generator_cpu_percent": _percent(counters.get("process_s", 0.0) - probe_s, wall_s),
        "probe_cpu_percent": _percent(probe_s, wall_s),
        "clock_offset_ms": _ms(counters, "ahead_s"),
        "clock_uncertainty_ms": _ms(counters, "uncertainty_s"),
    }


def _ms(counters: Mapping[str, float], name: str) -> float | None:
    return round(counters[name] * 1000, 3) if name in counters else None


def _percent(used_s: float, wall_s: float) -> float | None:
    return round(100 * used_s / wall_s, 2) if wall_s else None


def _sum(processes: list[dict[str, Any]], name: str) -> float | None:
    known = [each[name] for each in processes if each[name] is not None]
    return round(sum(known), 2) if known else None
