"""Where the milliseconds are: each hop of the orders' way, split into what it waited for (`loadtests.hops`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from loadtests.figures.latencies import rank
from loadtests.hops import PARTS, split
from loadtests.orders import Order


def of(orders: Iterable[Order], inits_ms: Mapping[str, float] | None) -> list[dict[str, Any]] | None:
    """A row for each hop, in their order: `{hop, count, unsplit, mean_ms, parts}`; None if no hop could be split.

    `count` orders were split there, `unsplit` were not. Each part is `{count, mean_ms, p50_ms, p95_ms}`: in `count` of
    those orders it took time; the other figures are over all of them, so that the means add up to the hop's.
    Without `inits_ms` (no REPORT lines could be read) a cold start is in `function_wait`.
    """
    found: dict[str, list[Mapping[str, float]]] = defaultdict(list)
    unsplit: dict[str, int] = defaultdict(int)
    for order in orders:
        for name, parts in split(order, inits_ms or {}):
            if parts is None:
                unsplit[name] += 1
            else:
                found[name].append(parts)
    return [_row(name, found[name], unsplit[name]) for name in sorted(found, key=rank)] or None


def _row(name: str, hops: list[Mapping[str, float]], unsplit: int) -> dict[str, Any]:
    return {
        "hop": name,
        "count": len(hops),
        "unsplit": unsplit,
        "mean_ms": _rounded(np.mean([sum(parts.values()) for parts in hops])),
        "parts": {
            part: _part([parts.get(part, 0.0) for parts in hops]) for part in PARTS if any(part in p for p in hops)
        },
    }


def _part(samples_ms: list[float]) -> dict[str, Any]:
    p50, p95 = np.percentile(samples_ms, (50, 95))
    return {
        "count": sum(ms > 0 for ms in samples_ms),
        "mean_ms": _rounded(np.mean(samples_ms)),
        "p50_ms": _rounded(p50),
        "p95_ms": _rounded(p95),
    }


def _rounded(value: Any) -> float:
    return round(float(value), 2)
