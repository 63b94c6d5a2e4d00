"""The orders of a log that are played, each at its place in the run, and what was left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

MINUTE_S = 60.0


class Basket(NamedTuple):
    """One order of the log. `customer` is the shop's id of whoever bought, empty where the log does not say; `items`
    are product ids with quantities, each product once.
    """

    invoice: str
    at: datetime
    customer: str
    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was read of the range, and what of it is not played, by reason. A row is a line of the log."""

    orders: int
    rows: int
    orders_left_out: Mapping[str, int]
    rows_left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recording:
    """At least one basket, by their instants: seconds from the start of the run, ascending, none like another.

    The run is as long as the log's time from `since` to `until` divided by `speed`: it begins with the first order and
    ends `resolution_s` of the log's time after the last, 60 where the log tells whole minutes, else 1.
    """

    baskets: tuple[Basket, ...]
    instants: tuple[float, ...]
    since: datetime
    until: datetime
    speed: float
    resolution_s: float
    tally: Tally

    @property
    def duration_s(self) -> float:
        """Of the run, not of the log."""
        return (self.until - self.since).total_seconds() / self.speed

    @property
    def rate(self) -> float:
        """Orders a second, on average."""
        return len(self.baskets) / self.duration_s

    def off_by_s(self, number: int, offset_s: float) -> float:
        """How far an instant of the run is from where the log has that order: 0 within its minute."""
        begun_s = (self.baskets[number].at - self.since).total_seconds() / self.speed
        return max(begun_s - offset_s, offset_s - begun_s - self.resolution_s / self.speed, 0.0)


def number_of(correlation_id: str) -> int:
    """Which of the baskets an order is, from 0: what its correlation id ends with."""
    return int(correlation_id.rpartition("-")[2])
