"""When arrivals are due: rates over time, and the instants that follow from them.

Arrival number x of a schedule is due where the cumulative rate (the integral of the rate over time) reaches x. Evenly
spaced arrivals are x = 0, 1, 2, …; for a Poisson process x is a sum of exponential gaps of mean 1, which is right
for any rate over time (time change of a Poisson process: Çinlar, Introduction to Stochastic Processes, 4.7). Jittered
ones are x = 0 + u, 1 + u, …, each with its own random u in [0, 1): as many as evenly spaced, in step with nothing. Each
instant is absolute and computed from its number, never by adding up periods.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol

type Pattern = Literal["even", "jittered", "poisson"]

PATTERNS: Final[tuple[Pattern, ...]] = ("even", "jittered", "poisson")

_ROUNDING: Final = 1e-6
"""So much of a period may an arrival be beyond an edge by the rounding of floats alone."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which arrivals are this process's: those whose number leaves `index` when divided by `of`."""

    index: int = 0
    of: int = 1


ALL: Final = Share()


class Step(NamedTuple):
    """A rate (arrivals a second) that is held for some seconds."""

    rate: float
    duration_s: float


class Window(NamedTuple):
    """A step's place in the run: seconds from the start of the measured window; `to_s` is not in it."""

    from_s: float
    to_s: float
    rate: float


class Timetable(Protocol):
    """When arrivals are due, however that is fixed: by rates (`Schedule`), or written down (`recorded.Recorded`)."""

    @property
    def duration_s(self) -> float:
        """How long it takes."""

    @property
    def peak(self) -> float:
        """The highest rate, in arrivals a second."""

    @property
    def count(self) -> int:
        """How many arrivals there are."""

    def windows(self) -> Iterator[Window]:
        """Its parts, one after the other, each with its rate."""

    def offsets(
        self, pattern: Pattern = "even", *, warmup_s: float = 0.0, share: Share = ALL, seed: int = 0
    ) -> Iterator[float]:
        """The share's arrivals, ascending: seconds from the start of the measured window."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps, one after the other. Raises ValueError without a step, or where a rate or a duration is not above 0.

    Offsets are seconds from the start of the measured window. Negative ones belong to a warm-up, which is at the first
    step's rate.
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.steps or not all(step.rate > 0 and step.duration_s > 0 for step in self.steps):
            raise ValueError(f"a schedule needs steps with a rate and a duration above 0, not {self.steps}")

    @property
    def duration_s(self) -> float:
        """The length of all steps together."""
        return math.fsum(step.duration_s for step in self.steps)

    @property
    def peak(self) -> float:
        """The highest rate, in arrivals a second."""
        return max(step.rate for step in self.steps)

    @property
    def count(self) -> int:
        """How many arrivals there are if evenly spaced; a Poisson process has as many on average."""
        return math.ceil(math.fsum(step.rate * step.duration_s for step in self.steps) - _ROUNDING)

    def rate_at(self, offset_s: float) -> float:
        """The rate asked for at that instant; 0 from the end on."""
        if offset_s < 0:
            return self.steps[0].rate
        return next((rate for _, to_s, rate in self.windows() if offset_s < to_s), 0.0)

    def windows(self) -> Iterator[Window]:
        """Each step with the instants at which it begins and ends."""
        from_s = 0.0
        for rate, duration_s in self.steps:
            yield Window(from_s, from_s + duration_s, rate)
            from_s += duration_s

    def offsets(
        self, pattern: Pattern = "even", *, warmup_s: float = 0.0, share: Share = ALL, seed: int = 0
    ) -> Iterator[float]:
        """Yield the share's arrivals, ascending, without holding them in memory.

        At an even spacing of a single rate they are `0, 1/rate, 2/rate, …`: exactly `rate * duration_s` of them when
        that is whole, else one more begun; a warm-up shorter than a period has none, and does not move the others.
        What is random is the same for the same seed, and the shares are parts of that one process.
        """
        if pattern in _PROCESSES:
            process = _PROCESSES[pattern]
            return itertools.chain(
                self._random_warmup(process(f"{seed} warm-up", share), warmup_s),
                self._random(process(str(seed), share)),
            )
        return itertools.chain(self._even_warmup(warmup_s, share), self._even(share))

    def _even_warmup(self, warmup_s: float, share: Share) -> Iterator[float]:
        rate = self.steps[0].rate
        return (number / rate for number in _numbers(-math.floor(warmup_s * rate + _ROUNDING), 0, share))

    def _even(self, share: Share) -> Iterator[float]:
        before = 0.0
        for from_s, _, rate, after in self._cumulative():
            first, end = math.ceil(before - _ROUNDING), math.ceil(after - _ROUNDING)
            for number in _numbers(first, end, share):
                yield from_s + max(0.0, number - before) / rate
            before = after

    def _random_warmup(self, arrivals: Iterator[float], warmup_s: float) -> Iterator[float]:
        # A process of its own, so that the measured arrivals are the same whatever the warm-up.
        rate = self.steps[0].rate
        for at in arrivals:
            if at >= warmup_s * rate:
                return
            yield at / rate - warmup_s

    def _random(self, arrivals: Iterator[float]) -> Iterator[float]:
        at = next(arrivals)
        before = 0.0
        for from_s, _, rate, after in self._cumulative():
            while at < after:
                yield from_s + (at - before) / rate
                at = next(arrivals)
            before = after

    def _cumulative(self) -> Iterator[tuple[float, float, float, float]]:
        """Each window, with how many arrivals are due by its end."""
        after = 0.0
        for (rate, duration_s), (from_s, to_s, _) in zip(self.steps, self.windows(), strict=True):
            after += rate * duration_s
            yield from_s, to_s, rate, after


def constant(rate: float, duration_s: float) -> Schedule:
    """One rate all the time."""
    return Schedule((Step(rate, duration_s),))


def _numbers(first: int, end: int, share: Share) -> range:
    """The share's numbers in `[first, end)`."""
    return range(first + (share.index - first) % share.of, end, share.of)


def _poisson(seed: str, share: Share) -> Iterator[float]:
    """The share of a Poisson process of rate 1, without end. Everybody draws all of it and keeps what is his."""
    gap = random.Random(seed).expovariate
    return itertools.islice(itertools.accumulate(gap(1.0) for _ in itertools.count()), share.index, None, share.of)


def _jittered(seed: str, share: Share) -> Iterator[float]:
    """The share of one arrival in each unit, somewhere in it, drawn in the same way."""
    within = random.Random(seed).random
    return itertools.islice((number + within() for number in itertools.count()), share.index, None, share.of)


_PROCESSES: Final[Mapping[Pattern, Callable[[str, Share], Iterator[float]]]] = {
    "jittered": _jittered,
    "poisson": _poisson,
}
