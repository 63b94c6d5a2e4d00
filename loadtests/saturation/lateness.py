"""Arrivals that left late: the harness's limit, unless the sandbox had taken this machine's processors from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from loadtests.figures import arrival
from loadtests.figures import work as of_work
from loadtests.figures.samples import growth
from loadtests.looks import HARNESS
from loadtests.result import Result
from loadtests.saturation.signs import Sign

LATE_MS: Final = 50.0
"""Arrivals that leave later than this at the 99th percentile are no longer those that were asked for."""

LATE_SHARE: Final = 0.1
"""And by more than this share of what an answer took at the 95th: less than that hides in the noise."""

TAKEN: Final = 0.75
"""Of this machine's processors: a sandbox that uses so much of them while arrivals are late is what they wait for. The
harness wants some hundredths beside it, and would get them where others leave it so much.
"""

_WHAT: Final = "how late arrivals left (p99)"


def look(result: Result) -> Sign:
    """The sign, of the sandbox's limit or the generator's: of the whole measured window."""
    late = lateness_ms(result)
    p99 = float(np.percentile(late, 99)) if late else 0.0
    at_least = max(LATE_MS, LATE_SHARE * _answered_p95_ms(result))
    reason = f"arrivals left up to {p99:,.1f} ms late (p99)"
    taken = _taken(result) or 0.0
    if taken < TAKEN:
        hint = (
            "the figures are of another load: lower the rate, keep this machine free of other work, or send from "
            "another one (HOST=…)"
        )
        return Sign("generator", _WHAT, p99, at_least, "ms", reason, hint)
    reason += f", while the sandbox used {100 * taken:.0f} % of this machine's processors"
    hint = "this rate is more than this machine holds: lower it, or take a bigger machine, or AWS (HOST=…)"
    return Sign("sandbox", _WHAT, p99, at_least, "ms", reason, hint, alone=True)


def lateness_ms(result: Result) -> list[float]:
    """How much after its instant each measured arrival left."""
    return [(sent - due) * 1000 for due, sent in arrival.left(result).items()]


def is_late(saturation: Mapping[str, Any]) -> bool:
    """Whether arrivals left so late that the figures are of another load, whoever kept them: of a run's verdict."""
    signs = (saturation.get("figures") or {}).get("signs") or []
    return any(each["what"] == _WHAT and each["counts"] for each in signs)


def _answered_p95_ms(result: Result) -> float:
    """Of what an arrival stands for, an order or another request, from the intended send; 0 without any."""
    answered = [
        (order.placed.answered - order.placed.intended) * 1000 for order in result.measured_orders if order.placed
    ] or [request.latency_ms for request in of_work.arrivals(result.measured_requests)]
    return float(np.percentile(answered, 95)) if answered else 0.0


def _taken(result: Result) -> float | None:
    """The share of this machine's processors that the sandbox used from the first late arrival's instant until the last
    had left; None: nobody tells, it is elsewhere, or none was late.
    """
    late = {due: sent for due, sent in arrival.left(result).items() if (sent - due) * 1000 > LATE_MS}
    processors = os.cpu_count()
    if not late or processors is None or not result.plan.address.is_local:
        return None
    since, until = min(late), max(late.values())
    used_s = growth(result.samples, since, until)
    return sum(used for part, used in used_s.items() if part != HARNESS) / (until - since) / processors
