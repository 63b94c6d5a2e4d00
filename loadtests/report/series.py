"""What the plots draw, as columns of numbers with a bounded count of points, whatever the run's length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from loadtests.result import Result

type Column = NDArray[np.float64]

MOST_DOTS: Final = 3_000
MOST_LOOKS: Final = 600
MOST_SLICES: Final = 120
FEWEST_IN_SLICE: Final = 10

_MINUTES_FROM_S: Final = 20 * 60.0
_HOURS_FROM_S: Final = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The time axis that all plots of a run share: 0 is the start of the measured window."""

    started_at: float
    unit_s: float
    unit: str

    @property
    def title(self) -> str:
        """The axis's title."""
        return f"{self.unit} into the run"

    def at(self, moments: Iterable[float]) -> Column:
        """Epoch seconds as places on the axis."""
        return (np.fromiter(moments, dtype=float) - self.started_at) / self.unit_s

    def offset(self, seconds: float) -> float:
        """Seconds into the run as a place on the axis."""
        return seconds / self.unit_s


def clock(result: Result) -> Clock:
    """Seconds, minutes for 20 of them and longer, hours from four on."""
    duration_s = result.ended_at - result.started_at
    if duration_s >= _HOURS_FROM_S:
        return Clock(result.started_at, 3600.0, "hours")
    if duration_s >= _MINUTES_FROM_S:
        return Clock(result.started_at, 60.0, "minutes")
    return Clock(result.started_at, 1.0, "seconds")


@dataclass(frozen=True, slots=True)
class Latencies:
    """Latencies of one kind, by the instant (epoch seconds) at which each was due to begin, in that order."""

    name: str
    at: Column
    ms: Column

    def __len__(self) -> int:
        return len(self.at)

    def where(self, chosen: NDArray[np.bool_], name: str) -> Latencies:
        """Those that are chosen, under another name."""
        return Latencies(name, self.at[chosen], self.ms[chosen])

    def thinned(self) -> Latencies:
        """At most `MOST_DOTS` of them: an even selection, and always the slowest, which nobody must miss."""
        if len(self) <= MOST_DOTS:
            return self
        slowest = np.argpartition(self.ms, -MOST_DOTS // 10)[-MOST_DOTS // 10 :]
        even = np.linspace(0, len(self) - 1, MOST_DOTS - len(slowest)).astype(int)
        kept = np.union1d(even, slowest)
        return Latencies(self.name, self.at[kept], self.ms[kept])

    def over_time(self, *percentiles: float) -> tuple[Column, list[Column]]:
        """The middles of slices of time of equal length, and there each percentile.

        A slice has ten latencies or more on average; empty ones are left out. No slice at all below twenty.
        """
        slices = int(min(MOST_SLICES, len(self) // FEWEST_IN_SLICE))
        if slices < 2:
            return np.empty(0), [np.empty(0) for _ in percentiles]
        edges = np.linspace(self.at[0], self.at[-1], slices + 1)
        parts = np.split(self.ms, np.searchsorted(self.at, edges[1:-1]))
        middles = (edges[:-1] + edges[1:]) / 2
        filled = [number for number, part in enumerate(parts) if len(part)]
        values = [np.array([np.percentile(parts[number], p) for number in filled]) for p in percentiles]
        return middles[filled], values


def orders_end_to_end(result: Result) -> tuple[Latencies, NDArray[np.bool_]]:
    """From the intended send to confirmed or rejected, and which of them were rejected."""
    known = [
        (order.placed.intended, ms, order.status == "REJECTED")
        for order in result.measured_orders
        if order.placed and (ms := order.latency_ms) is not None
    ]
    columns: Column = np.array(known, dtype=float).reshape(len(known), 3)
    return Latencies("orders, end to end", columns[:, 0], columns[:, 1]), columns[:, 2] > 0


def requests_by_name(result: Result, most: int) -> list[Latencies]:
    """Latencies of the most frequent kinds of requests, the most frequent first."""
    by_key: dict[str, list[tuple[float, float]]] = {}
    for request in result.measured_requests:
        by_key.setdefault(request.key, []).append((request.intended, request.latency_ms))
    ranked = sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0]))[:most]
    columns = [(key, np.array(sorted(pairs))) for key, pairs in ranked]
    return [Latencies(key, pairs[:, 0], pairs[:, 1]) for key, pairs in columns]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often things happened a second, in slices of equal length whose middles are `at` (epoch seconds)."""

    at: Column
    edges: Column

    def rate(self, moments: Sequence[float]) -> Column:
        """So many a second in each slice."""
        counted, _ = np.histogram(np.asarray(moments, dtype=float), self.edges)
        rate: Column = counted / np.diff(self.edges)
        return rate


def slices(result: Result, until: float) -> Counts:
    """Slices of one second or longer from the start of the window to `until`, of which it has at most `MOST_SLICES`."""
    window_s = max(result.ended_at - result.started_at, 1e-3)
    count = max(1, min(MOST_SLICES, int(window_s)))
    width_s = window_s / count
    beyond = int(min(MOST_SLICES, max(0.0, np.ceil((until - result.ended_at) / width_s))))
    edges: Column = result.started_at + width_s * np.arange(count + beyond + 1, dtype=float)
    return Counts((edges[:-1] + edges[1:]) / 2, edges)


def under_way(begun: Sequence[float], ended: Sequence[float], at: Column) -> Column:
    """How many had begun and not ended by each instant."""
    return _up_to(begun, at) - _up_to(ended, at)


def _up_to(moments: Sequence[float], at: Column) -> Column:
    counted: Column = np.searchsorted(np.sort(np.asarray(moments, dtype=float)), at, side="right").astype(float)
    return counted


@dataclass(frozen=True, slots=True)
class Sampled:
    """What the sampler saw, by name, at the instants `at` (epoch seconds); gaps are NaN."""

    at: Column
    by_name: dict[str, Column]


def sampled(result: Result, look: Callable[[Any], dict[str, float | None]]) -> Sampled:
    """What `look` reads of each sample of the window and of the drain; names that were never above 0 are left out.

    Of very many samples, each point is the highest of some neighbours: a peak stays to be seen.
    """
    chosen = [sample for sample in result.samples if sample.at >= result.started_at]
    rows = [look(sample) for sample in chosen]
    names = sorted({name for row in rows for name, value in row.items() if value})
    at = np.array([sample.at for sample in chosen])
    columns = {name: np.array([_number(row.get(name)) for row in rows]) for name in names}
    return _thin(Sampled(at, columns))


def increases(data: Sampled) -> Sampled:
    """How much each counter grew between two looks, at the second of them; one that began anew grew by nothing."""
    columns = {name: np.maximum(np.diff(column), 0) for name, column in data.by_name.items()}
    return Sampled(data.at[1:], {name: column for name, column in columns.items() if np.nansum(column) > 0})


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _thin(data: Sampled) -> Sampled:
    if len(data.at) <= MOST_LOOKS:
        return data
    parts = np.array_split(np.arange(len(data.at)), MOST_LOOKS)
    columns = {name: np.array([_highest(column[part]) for part in parts]) for name, column in data.by_name.items()}
    return Sampled(np.array([data.at[part[0]] for part in parts]), columns)


def _highest(values: Column) -> float:
    known = values[~np.isnan(values)]
    return float(known.max()) if len(known) else float("nan")
