"""What is compared, taken out of a report: latencies, events and single figures, by name."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from loadtests import times
from loadtests.compare import alike
from loadtests.compare.reports import Report, Row, number
from loadtests.errors import UsageError
from loadtests.orders import STAGES

type Column = NDArray[np.float64]
type Name = tuple[str, str]
"""The group of a figure (`orders`, `requests`, `stages`, `functions`, …) and its name in there."""

RUNNING: Final = " running"
MEAN: Final = " mean, ms"
FEWEST_INVOCATIONS: Final = 50
"""A mean of fewer is chance."""

_DECIDED: Final = ("CONFIRMED", "REJECTED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Series:
    """Values by the instant at which what they are of was due (seconds into the run, of `seconds`)."""

    at: Column
    values: Column
    seconds: float

    def __len__(self) -> int:
        return len(self.at)


@dataclass(slots=True)
class Count:
    """How often something happened, on so many occasions."""

    happened: int = 0
    occasions: int = 0


@dataclass(frozen=True, slots=True)
class Samples:
    """Of one run: `latencies` in milliseconds; `shares`, 1.0 where it happened, else 0.0; `counts` of what should never
    happen; `done`, a 1.0 for each order (without orders: request) when it came to its end, within the run; `scalars`,
    single figures that were measured, and `counted`, those that no clock changes.
    """

    latencies: dict[Name, Series]
    shares: dict[Name, Series]
    counts: dict[Name, Count]
    done: Series
    done_per_s: float
    """As the scaling table has it: of all that came to its end within the run, what the warm-up began too."""
    scalars: dict[Name, float]
    counted: dict[Name, float]
    is_late: bool
    is_crowded: bool
    """What disturbed its latencies: see `alike`."""
    generator_ms: float | None
    """Processor milliseconds of the harness for each order: a measure of the machine, if `harness_work` is equal."""
    harness_work: tuple[str, str]
    decided: int
    """Orders that came to an end."""
    traced: int | None
    """Orders of which it is known how long functions ran; None: the report does not tell."""


@dataclass(slots=True)
class _Pairs:
    """Instants and values, 16 bytes each: a long run has millions."""

    at: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, at: float, value: float) -> None:
        self.at.append(at)
        self.values.append(value)

    def series(self, report: Report) -> Series:
        at, values = np.array(self.at), np.array(self.values)
        order = np.lexsort((values, at))
        return Series(at[order] - report.started_at, values[order], report.seconds)


@dataclass(slots=True)
class _Taken:
    """What the lines of the files add up to."""

    latencies: defaultdict[Name, _Pairs] = field(default_factory=lambda: defaultdict(_Pairs))
    shares: defaultdict[Name, _Pairs] = field(default_factory=lambda: defaultdict(_Pairs))
    counts: defaultdict[Name, Count] = field(default_factory=lambda: defaultdict(Count))
    decided_at: array[float] = field(default_factory=lambda: array("d"))
    answered_at: array[float] = field(default_factory=lambda: array("d"))
    orders: int = 0
    decided: int = 0
    traced: int | None = None


def of(report: Report) -> Samples:
    """Take a report apart. Raises UsageError for a cell that is not what its column says, and for a file cut off."""
    try:
        return _of(report)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{report.folder} is no report that can be read: {error}") from error


def _of(report: Report) -> Samples:
    taken = _Taken()
    for row in report.orders():
        _take_order(taken, row)
    for row in report.requests():
        _take_request(taken, row)
    if (functions := report.functions()) is not None:
        _take_functions(taken, functions)
    done = _done(taken, report)
    rate = _rate(report.summary)
    return Samples(
        {name: pairs.series(report) for name, pairs in taken.latencies.items()},
        {name: pairs.series(report) for name, pairs in taken.shares.items()},
        dict(taken.counts),
        done,
        len(done) / report.seconds if rate is None else rate,
        dict(_scalars(report.summary)),
        dict(_counted(report.summary)),
        alike.is_late(report.summary),
        alike.is_crowded(report.summary),
        _cpu_ms(report.summary).get("harness"),
        alike.harness_work(report.summary),
        taken.decided,
        taken.traced,
    )


def _take_order(taken: _Taken, row: Row) -> None:
    due = times.parse(row["intended_send"])
    taken.orders += 1
    if row["latency_ms"]:
        latency_ms = number(row["latency_ms"])
        taken.latencies["orders", "order"].add(due, latency_ms)
        taken.decided_at.append(due + latency_ms / 1000)
    if not row["order_id"]:
        return
    taken.decided += row["status"] in _DECIDED
    for hop, ms in _hops(row, due):
        taken.latencies["stages", hop].add(due, ms)
    taken.shares["failures", "orders not confirmed"].add(due, float(row["status"] != "CONFIRMED"))
    for what, happened in (("lost", row["status"] == "LOST"), ("duplicated", row["duplicated"] == "1")):
        count = taken.counts["astray", f"orders {what}"]
        count.happened += happened
        count.occasions += 1


def _hops(row: Row, due: float) -> Iterator[tuple[str, float]]:
    """As `Order.hops_ms`: from one stage that was reached to the next."""
    reached = [(stage, times.parse(row[stage.replace("-", "_")])) for stage in STAGES if row[stage.replace("-", "_")]]
    for (one, since), (other, until) in pairwise([("sent", due), *reached]):
        yield f"{one}→{other}", (until - since) * 1000


def _take_request(taken: _Taken, row: Row) -> None:
    due, latency_ms = times.parse(row["intended_send"]), number(row["latency_ms"])
    taken.latencies["requests", f"{row['method']} {row['name']}"].add(due, latency_ms)
    taken.shares["failures", "requests failed"].add(due, float(bool(row["failure"])))
    if not row["failure"]:
        taken.answered_at.append(due + latency_ms / 1000)


def _take_functions(taken: _Taken, rows: Iterator[Row]) -> None:
    """The lines of an order are together."""
    taken.traced, last = 0, None
    for row in rows:
        due, ran_ms = times.parse(row["intended_send"]), number(row["running_ms"])
        taken.latencies["functions", f"{row['function']}{RUNNING}"].add(due, ran_ms)
        taken.traced += row["correlation_id"] != last
        last = row["correlation_id"]


def _done(taken: _Taken, report: Report) -> Series:
    """Within the run: what was asked for there, and done only while it drained, is not its throughput."""
    at = np.sort(np.array(taken.decided_at if taken.orders else taken.answered_at)) - report.started_at
    at = at[(at >= 0) & (at < report.seconds)]
    return Series(at, np.ones(len(at)), report.seconds)


def _rate(summary: Mapping[str, Any]) -> float | None:
    """Of all steps; None in the closed model, which has none."""
    steps = [(row["throughput_per_s"], row["to_s"] - row["from_s"]) for row in summary.get("scaling") or ()]
    seconds = sum(each for _, each in steps)
    return float(sum(rate * each for rate, each in steps) / seconds) if seconds else None


def _scalars(summary: Mapping[str, Any]) -> Iterator[tuple[Name, float]]:
    for part, ms in _cpu_ms(summary).items():
        yield ("processor", f"{part}, processor ms an order"), ms
    for function, figures in (summary.get("functions") or {}).items():
        for key in ("p50_ms", "p99_ms"):
            if figures.get("invocations") and figures.get(key):
                yield ("invocations", f"{function} duration {key.removesuffix('_ms')}, ms"), float(figures[key])
    cost = summary.get("cost") or {}
    for function, used in (cost.get("used") or {}).get("lambda", {}).items():
        if used.get("requests", 0) >= FEWEST_INVOCATIONS and used.get("billed_ms"):
            ran_ms = float(used["billed_ms"]) - float(used.get("init_ms") or 0)
            yield ("means", f"{function}{MEAN}"), ran_ms / used["requests"]
    if cost:
        yield ("duration_cost", f"USD per million {cost['unit']}, all"), float(cost["usd_per_million"])
        timed = sum(_usd(line) for line in cost["lines"] if _is_timed(line))
        yield ("duration_cost", f"USD per million {cost['unit']}, Lambda's time"), timed


def _counted(summary: Mapping[str, Any]) -> Iterator[tuple[Name, float]]:
    if cost := summary.get("cost"):
        usd = sum(_usd(line) for line in cost["lines"] if not _is_timed(line))
        yield ("cost", f"USD per million {cost['unit']}, without Lambda's time"), usd


def _is_timed(line: Mapping[str, Any]) -> bool:
    """Whether a line of the bill is of measured time: on a slower machine it is dearer."""
    return bool(line["service"] == "Lambda" and line["what"].startswith("GB-seconds"))


def _usd(line: Mapping[str, Any]) -> float:
    return float(line["usd_per_million"])


def _cpu_ms(summary: Mapping[str, Any]) -> dict[str, float]:
    """Processor milliseconds by part for each that was done, over all steps of the rate."""
    used: dict[str, float] = defaultdict(float)
    done: dict[str, float] = defaultdict(float)
    for row in summary.get("scaling") or ():
        count = row["throughput_per_s"] * (row["to_s"] - row["from_s"])
        for part, ms in (row.get("cpu_ms_per_order") or {}).items():
            used[part] += ms * count
            done[part] += count
    return {part: used[part] / done[part] for part in used if done[part] and used[part]}
