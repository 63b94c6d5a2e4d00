"""What a run has left behind, before anything is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from loadtests.batch import Batch, Counters
from loadtests.breakpoint.record import Search
from loadtests.cpu import Usage
from loadtests.histograms import Histograms
from loadtests.looks import Sample
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Request
from loadtests.revision import Commit

type State = Literal["complete", "interrupted", "died"]
type Functions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was observed. Times are epoch seconds; the measured window is `[started_at, ended_at)`.

    What belongs to an arrival before `started_at` is warm-up. `dropped` are the instants of arrivals that
    could not start; `functions_before` is from the start of the window; either of the two is None where the
    engine tells nothing. `outcome` is what the scenario's `close` found in the shop after the drain.
    """

    plan: Plan
    run_id: str
    state: State
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
    counters: Mapping[int, Counters] = field(default_factory=dict)
    """What each generating process last said of itself; see `Batch`."""
    main_used: Usage = field(default_factory=Usage)
    """Of the process that gathers, where it is another than those that generate."""
    histograms: Histograms | None = None
    """Merged from all processes, of the measured window; None: to be made of the rows."""
    inits_ms: Mapping[str, float] | None = None
    """Initialisations of functions by Lambda request id (`cold_starts`); None where no log could be read."""
    outcome: Mapping[str, Any] | None = None
    flow: str | None = None
    """Which way the stack's orders go, as it says; see `Stack.flow`."""
    commit: Commit | None = None
    """Of this checkout, when the run began."""
    usage_before: Mapping[str, Any] | None = None
    usage_after: Mapping[str, Any] | None = None
    """What AWS would bill, as the engine counted it before the warm-up and after the drain; see `UsageLooks`."""
    search: Search | None = None
    """The search of which this is the best step."""

    @property
    def asked(self) -> Plan:
        """What the user asked for: the plan, or that of the search."""
        return self.search.plan if self.search is not None else self.plan

    def total(self, counter: str) -> int:
        """A counter of all processes together; 0 if none told of it."""
        return int(sum(counters.get(counter, 0) for counters in self.counters.values()))

    def is_measured(self, arrival: float) -> bool:
        """Whether what arrived at that instant counts, or is warm-up."""
        return arrival >= self.started_at

    @property
    def measured_dropped(self) -> list[float]:
        """Arrivals of the measured window that could not start."""
        return [at for at in self.dropped if self.is_measured(at)]

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


@dataclass(slots=True)
class Observations:
    """What the main process gathers while a run goes on; `Result` is made of it at the end."""

    requests: list[Request] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    """By correlation id; those that have ended, until the drain is over."""
    counters: dict[int, Counters] = field(default_factory=dict)
    histograms: Histograms = field(default_factory=Histograms)

    def add(self, batch: Batch) -> None:
        """Enter what a process has told."""
        self.requests.extend(batch.requests)
        self.dropped.extend(batch.dropped)
        self.orders.update((order.correlation_id, order) for order in batch.orders)
        self.counters[batch.worker] = batch.counters
        self.histograms.merge(batch.histograms)

    def total(self, counter: str) -> int:
        """A counter of all processes together, as it stood at their last batches."""
        return int(sum(counters.get(counter, 0) for counters in self.counters.values()))


def _intended(order: Order) -> float:
    return order.placed.intended if order.placed else 0.0
