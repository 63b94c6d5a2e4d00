"""Invocations that were turned away, in the run alone, by what turned them away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from loadtests.result import Result

NO_ROOM: Final = "environments"
"""This machine may start no more environments: no limit of the stack, and AWS does not have it."""

UNKNOWN: Final = ""
"""An engine that counts throttles and does not say why."""


FROM_PERCENT: Final = 1.0
"""Of a function's invocations: fewer limit nothing."""


class TurnedAway(NamedTuple):
    """Invocations of one function: by `reserved`, `account`, `environments` (see the engine's route); `ran` did run."""

    by: Counter[str]
    ran: int

    def percent(self, count: int) -> float:
        """So many, beside those that ran."""
        return 100 * count / (count + self.ran) if count else 0.0


def by_function(result: Result) -> dict[str, TurnedAway] | None:
    """Those that were throttled. None where nobody looked before the run: counters are of the engine's whole life."""
    before = result.functions_before
    if before is None:
        return None
    found = {}
    for name, figures in sorted((result.functions_after or {}).items()):
        if counts := _counts(figures) - _counts(before.get(name, {})):
            ran = int(figures.get("invocations") or 0) - int(before.get(name, {}).get("invocations") or 0)
            found[name] = TurnedAway(counts, max(0, ran))
    return found


def _counts(figures: Mapping[str, Any]) -> Counter[str]:
    told = figures.get("throttles_by")
    return Counter(told) if told is not None else Counter({UNKNOWN: int(figures.get("throttles") or 0)})
