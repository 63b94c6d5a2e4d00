"""What the load asked for and when it was done: orders where the scenario places any, else its requests.

Scaling, recovery and saturation are about this work; they need not know which of the two it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from loadtests.records import Request
from loadtests.result import Result

NO_ANSWER: Final = 0
"""The HTTP status of a request that timed out or whose connection failed."""


class Job(NamedTuple):
    """One order, or one request. `done` is when the order was decided, or the answer there; None: not by the end of
    the drain, or there was no answer at all, or it could not even be sent. What was refused is no work. Epoch seconds.
    """

    intended: float
    done: float | None

    @property
    def latency_ms(self) -> float | None:
        """From the intended send."""
        return None if self.done is None else (self.done - self.intended) * 1000


@dataclass(frozen=True, slots=True)
class Work:
    """All jobs of a run, the warm-up's too, by their intended send."""

    jobs: list[Job]
    _intended: list[float]
    _done: list[float]

    @classmethod
    def of(cls, jobs: Iterable[Job]) -> Work:
        """From jobs in any order."""
        ordered = sorted(jobs, key=lambda job: job.intended)
        done = sorted(job.done for job in ordered if job.done is not None)
        return cls(ordered, [job.intended for job in ordered], done)

    def due(self, since: float, until: float) -> list[Job]:
        """Those intended in `[since, until)`."""
        return self.jobs[bisect_left(self._intended, since) : bisect_left(self._intended, until)]

    def done(self, since: float, until: float) -> int:
        """How many came to their end in `[since, until)`, whenever they had begun."""
        return bisect_left(self._done, until) - bisect_left(self._done, since)

    def outstanding(self, at: float) -> int:
        """How many were due before that instant and not done by then."""
        return bisect_left(self._intended, at) - bisect_right(self._done, at)


def of(result: Result) -> Work:
    """The orders that were accepted or got no answer; where no order was placed, the requests that an arrival stands
    for. Arrivals that could not be sent wait for ever, in either case.
    """
    return Work.of([*(_orders(result) or _requests(result)), *(Job(at, None) for at in result.dropped)])


def _orders(result: Result) -> list[Job]:
    placed = [(order.placed, order) for order in result.orders if order.placed]
    return [
        Job(sent.intended, order.decided_at if order.accepted else None)
        for sent, order in placed
        if order.accepted or sent.http_status == NO_ANSWER
    ]


def _requests(result: Result) -> list[Job]:
    return [
        Job(request.intended, None if request.failure else request.sent + request.service_ms / 1000)
        for request in arrivals(result.requests)
        if request.failure is None or request.status == NO_ANSWER
    ]


def arrivals(requests: Iterable[Request]) -> list[Request]:
    """The one request of each arrival whose intended send is the arrival itself: the order, not the browsing."""
    return [request for request in requests if request.intended == request.arrival]
