"""Whose time an answer took: that of functions, or the emulator's own.

The engine adds up what functions ran for requests to the API, by their own clocks (`api_ran_s`); the harness knows how
long each request took. The rest of an answer is the emulator's own time: its ways between the services, and waiting for
a turn, for a processor, for an environment. On AWS that is API Gateway's `Latency` less the functions' `Duration`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from loadtests.looks import Sample
from loadtests.result import Result

FEWEST: Final = 5
"""Requests of a slice whose mean says anything."""

FEWEST_CALM: Final = 20
"""And of one that may be the least of many: an answer that came a moment after its functions were counted is a small
part of it.
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """The requests that were answered in `(since, until]`: how many, and the milliseconds of all of them together."""

    since: float
    until: float
    count: int
    answer_ms: float
    function_ms: float

    @property
    def mean_ms(self) -> float:
        """Of an answer, from its send."""
        return self.answer_ms / self.count

    @property
    def outside_ms(self) -> float:
        """Of an answer, outside of functions. Never below 0, as where somebody else uses the API as well."""
        return max(0.0, self.answer_ms - self.function_ms) / self.count

    @classmethod
    def sum(cls, slices: Sequence[Self]) -> Self:
        """All of them as one; there must be any."""
        return cls(
            slices[0].since,
            slices[-1].until,
            sum(each.count for each in slices),
            sum(each.answer_ms for each in slices),
            sum(each.function_ms for each in slices),
        )


def slices(result: Result, fewest: int = FEWEST) -> list[Slice]:
    """From sample to sample, where the counters are exact; several where fewer answers came between two.

    None at all where the engine does not tell what functions ran.
    """
    known = [(sample.at, ran) for sample in result.samples if (ran := _ran_s(sample)) is not None]
    answered = sorted((request.sent + request.service_ms / 1000, request.service_ms) for request in result.requests)
    at = np.array([at for at, _ in answered])
    total_ms = np.concatenate(([0.0], np.cumsum([ms for _, ms in answered])))
    found: list[Slice] = []
    since, before_s = known[0] if known else (0.0, 0.0)
    for until, after_s in known[1:]:
        low, high = np.searchsorted(at, (since, until), side="right")
        has_begun_anew = after_s < before_s
        if high - low < fewest and not has_begun_anew:
            continue
        if not has_begun_anew:
            taken_ms = float(total_ms[high] - total_ms[low])
            found.append(Slice(since, until, int(high - low), taken_ms, (after_s - before_s) * 1000))
        since, before_s = until, after_s
    return found


def within(found: Iterable[Slice], since: float, until: float) -> Slice | None:
    """Those whose middles lie there, as one; None without any."""
    chosen = [each for each in found if since <= (each.since + each.until) / 2 <= until]
    return Slice.sum(chosen) if chosen else None


def calmest(result: Result) -> Slice | None:
    """The slice (of 20 answers) with the least of the emulator's own time an answer: what it can do in this run."""
    return min(slices(result, FEWEST_CALM), key=lambda each: each.outside_ms, default=None)


def _ran_s(sample: Sample) -> float | None:
    told = [look.api_ran_s for look in sample.functions.values() if look.api_ran_s is not None]
    return sum(told) if told else None
