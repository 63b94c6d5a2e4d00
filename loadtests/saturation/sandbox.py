"""Signs that this machine, or the emulator on it, was the limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np

from loadtests.figures.samples import growth, within
from loadtests.result import Result
from loadtests.saturation import answers, lateness, throttles
from loadtests.saturation.answers import Slice
from loadtests.saturation.backlog import Backlog
from loadtests.saturation.signs import Findings, Sign, rounded
from loadtests.saturation.throttles import TurnedAway

BUSY_CORES: Final = 0.9
"""Of one processor: LocalStack is one Python process, whose threads take turns."""

BUSY_PERCENT: Final = 90.0
"""Of all processors of this machine; what is left is the idle moments between two events."""

SLOWER: Final = 2.0
"""Times an answer's time outside of functions in the run's calmest seconds."""

SLOWER_BY_MS: Final = 50.0
"""And by so much more: a few milliseconds double for nothing."""

_HINT: Final = (
    "this rate is more than the sandbox holds here, and says nothing of the shop: lower it, or take a bigger machine, "
    "or AWS (HOST=…)"
)


def look(result: Result, backlog: Backlog) -> Findings:
    """Of the backlog's window: whose processors were taken up, what answers waited for outside of functions, and
    invocations that found no room here.

    Of a stack that is elsewhere, or that never tells of its parts, this machine's processors say nothing.
    """
    cores = _cores(result, backlog)
    machine = _machine_percent(result, backlog)
    is_here = result.plan.address.is_local and any("engine" in sample.cpu_s for sample in result.samples)
    calm = answers.calmest(result)
    then = answers.within(answers.slices(result), (backlog.since + backlog.until) / 2, backlog.until)
    turned_away = throttles.by_function(result)
    no_room = None if turned_away is None else sum(each.by[throttles.NO_ROOM] for each in turned_away.values())
    signs = [_no_room(turned_away), _engine(cores), _machine(machine, is_here), _outside(calm, then, backlog)]
    late = lateness.look(result)
    figures = {
        "cores": {part: round(used, 3) for part, used in cores.items()},
        "machine_percent": rounded(machine),
        "answer": {"calm": _figures(calm), "then": _figures(then)},
        "invocations_at_once": rounded(_running(result, backlog)),
        "no_room": no_room,
    }
    told = list(_told(result, signs, no_room or 0))
    return Findings([*signs, late] if late.limit == "sandbox" else signs, figures, told)


def _cores(result: Result, backlog: Backlog) -> dict[str, float]:
    seconds = backlog.until - backlog.since
    used = growth(result.samples, backlog.since, backlog.until)
    return {part: spent / seconds for part, spent in used.items()} if seconds > 0 else {}


def _machine_percent(result: Result, backlog: Backlog) -> float | None:
    """Each sample counts for the time since the one before it, which is long where the engine hardly answers looks."""
    parts = [
        (min(after.at, backlog.until) - max(before.at, backlog.since), after.cpu_percent)
        for before, after in pairwise(result.samples)
        if after.at > backlog.since and before.at < backlog.until
    ]
    seconds = sum(lasted for lasted, _ in parts)
    return sum(lasted * percent for lasted, percent in parts) / seconds if seconds > 0 else None


def _no_room(turned_away: Mapping[str, TurnedAway] | None) -> Sign:
    """Of the function for which there was room least often."""
    what, unit = "invocations of a function for which there was no room on this machine", "%"
    found = [
        (each.percent(each.by[throttles.NO_ROOM]), each.by[throttles.NO_ROOM], name)
        for name, each in (turned_away or {}).items()
    ]
    if not found:
        return Sign("sandbox", what, None if turned_away is None else 0.0, throttles.FROM_PERCENT, unit, "", "")
    percent, count, name = max(found)
    return Sign(
        "sandbox",
        what,
        percent,
        throttles.FROM_PERCENT,
        unit,
        f"this machine, which may start no more environments, turned {name} away {count:,} times, {percent:.0f} % of "
        "its invocations",
        f"{_HINT}; engine/README.md has LOADSTACK_MAX_ENVIRONMENTS",
        alone=True,
    )


def _engine(cores: dict[str, float]) -> Sign:
    used = cores.get("engine")
    reason = f"LocalStack used {used or 0:.2f} of the one processor that it can use"
    return Sign("sandbox", "LocalStack, which can use one core", used, BUSY_CORES, "cores", reason, _HINT)


def _machine(percent: float | None, is_here: bool) -> Sign:
    reason = f"this machine's processors were {percent or 0:.0f} % busy"
    return Sign(
        "sandbox", "this machine's processors", percent if is_here else None, BUSY_PERCENT, "% busy", reason, _HINT
    )


def _outside(calm: Slice | None, then: Slice | None, backlog: Backlog) -> Sign:
    """Functions are idle meanwhile: at least half of an answer's time is not theirs."""
    what = "an answer outside of functions, beside the calmest seconds"
    if calm is None or then is None:
        return Sign("sandbox", what, None, SLOWER, "times", "", _HINT)
    idle = then.outside_ms >= then.mean_ms / 2
    return Sign(
        "sandbox",
        what,
        then.outside_ms / max(calm.outside_ms, 1.0),
        SLOWER,
        "times",
        f"answers took {then.outside_ms:,.0f} ms outside of functions, {calm.outside_ms:,.0f} in the calmest seconds",
        _HINT,
        applies=backlog.is_piled_up and idle and then.outside_ms - calm.outside_ms >= SLOWER_BY_MS,
    )


def _figures(found: Slice | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "count": found.count,
        "mean_ms": round(found.mean_ms, 3),
        "function_ms": round(found.mean_ms - found.outside_ms, 3),
        "outside_ms": round(found.outside_ms, 3),
    }


def _running(result: Result, backlog: Backlog) -> float | None:
    """Invocations at once on average, all functions together, by the seconds that they spent in an environment."""
    seen = [
        (sample.at, sum(look.busy_s or 0.0 for look in sample.functions.values()))
        for sample in within(result.samples, backlog.since, backlog.until)
        if any(look.busy_s is not None for look in sample.functions.values())
    ]
    if len(seen) < 2:
        return None
    return max(0.0, seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


def _told(result: Result, signs: list[Sign], no_room: int) -> Iterator[str]:
    if no_room:
        yield f"{no_room:,} invocations were turned away because this machine may start no more environments"
    *_, outside = signs
    if outside.counts:
        yield outside.reason
    cpu = [sample.cpu_percent for sample in result.samples if sample.at >= result.started_at]
    if cpu:
        mean = float(np.mean(cpu))
        busy = "; it was at its limit" if mean >= BUSY_PERCENT else ""
        yield f"this machine's processors were {mean:.0f} % busy on average{busy}"
