"""What a run has left behind, before anything is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loadtests.looks import Sample
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Request

type Functions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was observed. Times are epoch seconds; the measured window is `[started_at, ended_at)`.

    What belongs to an arrival before `started_at` is warm-up. `dropped` are the instants of arrivals that
    could not start; `functions_before` is from the start of the window; either of the two is None where the
    engine tells nothing.
    """

    plan: Plan
    run_id: str
    state: Literal["complete", "interrupted"]
    engine: str | None
    started_at: float
    ended_at: float
    orders: list[Order]
    requests: list[Request]
    dropped: list[float]
    samples: list[Sample]
    dead_letters: Mapping[str, int]
    functions_before: Functions | None = None
    functions_after: Functions | None = None
    unreadable: int = 0
    probe_errors: int = 0

    def is_measured(self, arrival: float) -> bool:
        """Whether what arrived at that instant counts, or is warm-up."""
        return arrival >= self.started_at

    @property
    def measured_orders(self) -> list[Order]:
        """Orders of the measured window, by their intended send."""
        placed = [order for order in self.orders if order.placed and self.is_measured(order.placed.intended)]
        return sorted(placed, key=_intended)

    @property
    def warmup_orders(self) -> list[Order]:
        """Orders of the warm-up, likewise."""
        placed = [order for order in self.orders if order.placed and not self.is_measured(order.placed.intended)]
        return sorted(placed, key=_intended)

    @property
    def measured_requests(self) -> list[Request]:
        """Requests that belong to arrivals of the measured window, by the time they were sent."""
        return sorted((r for r in self.requests if self.is_measured(r.arrival)), key=lambda r: r.sent)


@dataclass(frozen=True, slots=True)
class Observations:
    """What the main process gathers while a run goes on; `Result` is made of it at the end."""

    requests: list[Request] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)


def _intended(order: Order) -> float:
    return order.placed.intended if order.placed else 0.0
