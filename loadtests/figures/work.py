"""What the load asked for and when it was done: orders where the scenario places any, else its requests.

Scaling, recovery and saturation are about this work; they need not know which of the two it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from loadtests.records import Request
from loadtests.result import Result


class Job(NamedTuple):
    """One accepted order, or one answered request. `done` is when the order was decided, or the answer there; None:
    not by the end of the drain. Epoch seconds.
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
        ordered = sorted(jobs)
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
    """The accepted orders; where there is none, the requests that an arrival stands for and that did not fail."""
    orders = [
        Job(order.placed.intended, order.decided_at) for order in result.orders if order.placed and order.accepted
    ]
    if orders:
        return Work.of(orders)
    answered = (request for request in arrivals(result.requests) if request.failure is None)
    return Work.of(Job(request.intended, request.sent + request.service_ms / 1000) for request in answered)


def arrivals(requests: Iterable[Request]) -> list[Request]:
    """The one request of each arrival whose intended send is the arrival itself: the order, not the browsing."""
    return [request for request in requests if request.intended == request.arrival]
