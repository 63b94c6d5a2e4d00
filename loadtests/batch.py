"""What a generating process tells the main process, four times a second: rows, numbers, and at its end histograms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtests.orders import Order
from loadtests.records import Request

type Counters = dict[str, float]


@dataclass(slots=True)
class Batch:
    """What came about in one process since its last batch.

    `orders` have come to their end, or were given up when the drain ended; one that is told of again replaces
    the earlier row. `dropped` are the instants of arrivals that could not start. `counters` are how things
    stand in the process now, not what was added: `sent` iterations, `in_flight` of them without an answer,
    `full` where users had to stop early (`plan.MAX_ARRIVALS`), `outstanding` orders that are not decided,
    `overdue` ones of these, `unnotified` ones without a mail, `unreadable` messages, `received` by the probe
    and its `probe_errors`; from the load's end on, what it cost (`cpu.Usage`), and how far the clock is off
    (`clock.Offset`), where that is known. `histograms` (`histograms.Histograms.encode`) are in the last batch
    alone: they are of the whole measured window.
    """

    worker: int = 0
    requests: list[Request] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)
    counters: Counters = field(default_factory=dict)
    histograms: Mapping[str, bytes] = field(default_factory=dict)

    def to_message(self) -> dict[str, Any]:
        """A form that msgpack can carry between Locust's processes."""
        return {
            "worker": self.worker,
            "requests": self.requests,
            "orders": [order.to_row() for order in self.orders],
            "dropped": self.dropped,
            "counters": self.counters,
            "histograms": self.histograms,
        }

    @classmethod
    def from_message(cls, data: Mapping[str, Any]) -> Batch:
        """Read `to_message` back, after msgpack has made lists of the tuples."""
        return cls(
            worker=data["worker"],
            requests=[Request(*row) for row in data["requests"]],
            orders=[Order.from_row(row) for row in data["orders"]],
            dropped=list(data["dropped"]),
            counters=dict(data["counters"]),
            histograms=dict(data["histograms"]),
        )
