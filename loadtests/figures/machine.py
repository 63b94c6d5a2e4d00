"""The machine that made the load, as its samples tell: how many processors it has, and who used them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from loadtests.figures.samples import growth, within
from loadtests.looks import HARNESS
from loadtests.result import Result


def told(result: Result) -> dict[str, Any] | None:
    """`processors`, how busy all of them were on average, and how many of them `others` used: neither the sandbox's
    parts nor the harness. None where the stack is elsewhere, or was not looked at.
    """
    seen = within(result.samples, result.started_at, result.ended_at)
    used_s = growth(result.samples, result.started_at, result.ended_at)
    seconds = result.ended_at - result.started_at
    processors = os.cpu_count()
    is_here = result.plan.address.is_local and used_s.keys() - {HARNESS}
    if not seen or not is_here or seconds <= 0 or processors is None:
        return None
    busy = float(np.mean([sample.cpu_percent for sample in seen]))
    others = busy / 100 * processors - sum(used_s.values()) / seconds
    return {"processors": processors, "busy_percent": round(busy, 1), "others": round(max(0.0, others), 2)}
