"""Where work piled up: in the load as a whole, or in one queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from loadtests.arrivals.schedule import Timetable
from loadtests.figures import work as of_work
from loadtests.figures.samples import within
from loadtests.figures.scaling import Step, steps
from loadtests.figures.work import Work
from loadtests.looks import Sample
from loadtests.result import Result
from loadtests.saturation.signs import Sign

PILED_UP: Final = 0.1
"""Of what was due in a step, on top of what waited before it."""

AGED: Final = 0.1
"""Seconds by which a queue's oldest message grows older in a second: where a tenth of what comes is not taken."""

UNTOUCHED: Final = 0.95
"""As `AGED`, of a queue from which nothing was taken: its oldest message stayed, and became a second older in each."""

ENDS: Final = 3
"""Samples at each end of a step, whose medians are compared: one may fall between two batches."""


@dataclass(frozen=True, slots=True)
class QueueGrowth:
    """A queue in which messages piled up: medians of the first and of the last three looks of the step."""

    name: str
    depth: tuple[float, float]
    age_s: tuple[float, float]
    age_per_s: float

    def figures(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "depth": list(self.depth),
            "age_s": [round(age, 3) for age in self.age_s],
            "age_growth_s_per_s": round(self.age_per_s, 3),
        }


@dataclass(frozen=True, slots=True)
class Backlog:
    """The first step in which work piled up; else the last one, and without a schedule the whole window.

    `due` arrivals fell into it, `waiting` were not done by its end, `added` of these by what it brought, but for those
    that came too shortly before its end to be done by then; `grew` says whether that is a pile. `queues` are those
    that grew, the oldest message first. `rate` is None without a schedule.
    """

    since: float
    until: float
    rate: float | None
    due: int
    waiting: int
    added: int
    grew: bool
    queues: tuple[QueueGrowth, ...]

    @property
    def is_piled_up(self) -> bool:
        """In the load, or in a queue that it feeds."""
        return self.grew or bool(self.queues)

    def figures(self, result: Result) -> dict[str, Any]:
        """As JSON, the times from the start of the measured window."""
        return {
            "from_s": round(self.since - result.started_at, 3),
            "to_s": round(self.until - result.started_at, 3),
            "rate_per_s": self.rate,
            "due": self.due,
            "waiting": self.waiting,
            "piled_up": self.is_piled_up,
            "queues": {queue.name: queue.figures() for queue in self.queues},
        }

    @property
    def signs(self) -> list[Sign]:
        """That something limited the load, and, where nothing tells what: the stack, which had room."""
        return [
            Sign(
                None,
                "not done by the end, beyond what waited before",
                100 * self.added / self.due if self.due else 0.0,
                100 * PILED_UP,
                "% of what was due",
                f"{self.waiting:,} of {self.due:,} were not done by the end of {self.words}",
                "where the hops' time goes says what to look at: a long queue or function wait asks for concurrency, a "
                "long running for faster code; errors and lost orders are never done",
                applies=self.grew,
            ),
            self._queue(),
        ]

    @property
    def words(self) -> str:
        """The window, in words."""
        return "the run" if self.rate is None else f"the load at {self.rate:g} a second"

    def _queue(self) -> Sign:
        what, unit = "how fast a queue's oldest message grew older", "s a second"
        if not self.queues:
            return Sign(None, what, None, AGED, unit, "", "")
        queue = self.queues[0]
        return Sign(
            None,
            what,
            queue.age_per_s,
            AGED,
            unit,
            f"the queue {queue.name} grew from {queue.depth[0]:,.0f} to {queue.depth[1]:,.0f} messages, its oldest "
            f"from {queue.age_s[0]:.1f} to {queue.age_s[1]:.1f} s",
            f"what takes from {queue.name} is too slow for it: faster code, larger batches, or more of it at once",
        )


def look(result: Result, schedule: Timetable | None) -> Backlog:
    """Look through the steps that began, in their order."""
    found = None
    for found in _by_step(result, schedule) if schedule is not None else ():
        if found.is_piled_up:
            return found
    return found or _whole(result)


def _by_step(result: Result, schedule: Timetable) -> Iterator[Backlog]:
    work = of_work.of(result)
    soon_s = _soon_s(work)
    for step in steps(result, schedule):
        waiting = work.outstanding(step.until)
        due = len(work.due(step.since, step.until))
        least = max(step.rate, 2.0)
        just_due = len(work.due(step.until - soon_s, step.until))
        added = max(0, waiting - max(work.outstanding(step.since), just_due))
        grew = added > PILED_UP * due and waiting >= least
        queues = _growing(result.samples, step, max(PILED_UP * due, least))
        yield Backlog(step.since, step.until, step.rate, due, waiting, added, grew, queues)


def _soon_s(work: Work) -> float:
    """What the run's quickest tenth takes at most: so long each has to wait, however little there is to do. 0 where a
    tenth was never done.
    """
    taken = sorted(job.done - job.intended for job in work.jobs if job.done is not None)
    quickest = len(work.jobs) // 10
    return max(0.0, taken[quickest]) if quickest < len(taken) else 0.0


def _whole(result: Result) -> Backlog:
    """Users in a loop: a queue may grow by what they did."""
    since, until = result.started_at, result.ended_at
    work = of_work.of(result)
    due = len(work.due(since, until))
    rate = due / (until - since) if until > since else 0.0
    step = Step(0.0, until - since, rate, since, until)
    queues = _growing(result.samples, step, max(PILED_UP * due, rate, 2.0))
    return Backlog(since, until, None, due, work.outstanding(until), 0, False, queues)


def _growing(samples: Sequence[Sample], step: Step, least: float) -> tuple[QueueGrowth, ...]:
    """The queues that got deeper by so much and whose oldest message grew older: one message that waits for its
    redelivery does not make a queue deeper, and messages that are delayed on purpose do not make it older. Not one that
    feeds no function and that nothing was taken from: it has no consumer that could be too slow.
    """
    seen = within(samples, step.since, step.until)
    names = sorted({name for sample in seen for name in sample.queues})
    grown = [growth for name in names if (growth := _growth(name, seen)) and growth.depth[1] - growth.depth[0] > least]
    return tuple(sorted((each for each in grown if each.age_per_s >= AGED), key=lambda each: -each.age_s[1]))


def _growth(name: str, seen: Sequence[Sample]) -> QueueGrowth | None:
    """None of fewer than six looks, where nobody tells ages, and where nobody takes anything."""
    looks = [
        (sample.at, look.depth, look.age_s)
        for sample in seen
        if (look := sample.queues.get(name)) is not None and look.age_s is not None
    ]
    if len(looks) < 2 * ENDS:
        return None
    feeds = seen[-1].queues[name].feeds if name in seen[-1].queues else None
    (began, depth, age), (ended, depth_then, age_then) = (
        (median(column) for column in zip(*end, strict=True)) for end in (looks[:ENDS], looks[-ENDS:])
    )
    age_per_s = (age_then - age) / (ended - began)
    if feeds is False and age_per_s >= UNTOUCHED:
        return None
    return QueueGrowth(name, (depth, depth_then), (age, age_then), age_per_s)
