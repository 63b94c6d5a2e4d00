"""Where the milliseconds are: each hop of the orders' way, split into what it waited for (`loadtests.hops`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from loadtests.figures.latencies import rank
from loadtests.hops import PARTS, Hop, split
from loadtests.orders import Order


def of(orders: Iterable[Order], inits_ms: Mapping[str, float] | None) -> list[dict[str, Any]] | None:
    """A row for each hop, in order: `{hop, count, unsplit, mean_ms, parts, running}`; None if none could be split.

    `count` orders were split there, `unsplit` were not. Each part is `{count, mean_ms, p50_ms, p95_ms}`: in `count` of
    those orders it took time; the other figures are over all of them, so that the means add up to the hop's. `running`
    is that part's mean by function. Without `inits_ms` (no REPORT lines could be read) a cold start is in
    `function_wait`.
    """
    found: dict[str, list[Hop]] = defaultdict(list)
    unsplit: dict[str, int] = defaultdict(int)
    for order in orders:
        for hop in split(order, inits_ms or {}):
            if hop.parts is None:
                unsplit[hop.name] += 1
            else:
                found[hop.name].append(hop)
    return [_row(name, found[name], unsplit[name]) for name in sorted(found, key=rank)] or None


def _row(name: str, hops: list[Hop], unsplit: int) -> dict[str, Any]:
    parts = [hop.parts or {} for hop in hops]
    taken = [part for part in PARTS if any(part in each for each in parts)]
    functions = sorted({function for hop in hops for function in hop.running})
    return {
        "hop": name,
        "count": len(hops),
        "unsplit": unsplit,
        "mean_ms": _mean([sum(each.values()) for each in parts]),
        "parts": {part: _part([each.get(part, 0.0) for each in parts]) for part in taken},
        "running": {function: _mean([hop.running.get(function, 0.0) for hop in hops]) for function in functions},
    }


def _part(samples_ms: Sequence[float]) -> dict[str, Any]:
    p50, p95 = np.percentile(samples_ms, (50, 95))
    return {
        "count": sum(ms > 0 for ms in samples_ms),
        "mean_ms": _mean(samples_ms),
        "p50_ms": _rounded(p50),
        "p95_ms": _rounded(p95),
    }


def _mean(values: Sequence[float]) -> float:
    return _rounded(np.mean(values))


def _rounded(value: Any) -> float:
    return round(float(value), 2)
