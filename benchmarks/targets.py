"""What the engine has to show, as data: issue "The engine", "What it must show"."""

from dataclasses import dataclass
from typing import Literal

from benchmarks.figures import Figures

OURS = "loadstack"


@dataclass(frozen=True)
class Target:
    """A metric of a cell, of this engine alone or as a ratio to another contender, and its limit."""

    what: str
    cell: str
    metric: str
    bound: Literal["at least", "at most"]
    limit: float
    unit: str = ""
    against: str | None = None


@dataclass(frozen=True)
class Verdict:
    """``value`` and ``ok`` are None where the run did not measure it.

    ``value`` alone is None where the other contender's median is 0, and a ratio to it has no number.
    """

    target: Target
    value: float | None
    spread: tuple[float, float] | None
    ok: bool | None


def _orders(metric: str) -> list[Target]:
    what = f"orders {metric.removesuffix('_per_s')}, 16 connections"
    limits = (("stock", 4.0), ("ministack", 1.5))
    return [Target(what, "orders@16", metric, "at least", limit, against=other) for other, limit in limits]


def _cpu(what: str, kind: str, limit: float) -> Target:
    return Target(f"CPU an order, {what}", "orders@16", f"cpu_{kind}_ms", "at most", limit, "ms")


TARGETS = (
    Target("ping, 16 connections", "ping@16", "per_s", "at least", 6, against="stock"),
    Target("ping, 16 connections", "ping@16", "per_s", "at least", 2, against="ministack"),
    Target("ping alone, p50", "ping@1", "p50_ms", "at most", 3, "ms"),
    *_orders("accepted_per_s"),
    *_orders("finished_per_s"),
    _cpu("LocalStack", "emulator", 4),
    _cpu("DynamoDB Local", "dynamodb", 2),
    _cpu("function processes", "functions", 4.5),
    _cpu("generator", "generator", 1),
    Target("asynchronous latency, p50", "latency", "p50_ms", "at most", 15, "ms"),
    Target("asynchronous latency, p99", "latency", "p99_ms", "at most", 40, "ms"),
    Target("asynchronous latency, p50", "latency", "p50_ms", "at most", 1, against="ministack"),
    Target("asynchronous latency, p99", "latency", "p99_ms", "at most", 1, against="ministack"),
    # The container is within a fifth of the host.
    Target("ping, 16 connections", "ping@16", "per_s", "at most", 1.25, against="container"),
    Target("orders finished, 16 connections", "orders@16", "finished_per_s", "at most", 1.25, against="container"),
    Target("asynchronous latency, p50", "latency", "p50_ms", "at least", 0.8, against="container"),
    Target("cold start alone, p50", "cold", "alone_p50_ms", "at most", 40, "ms"),
    Target("cold start alone, p50", "cold", "alone_p50_ms", "at most", 0.1, against="fresh"),
    Target("1,000 messages drained", "drain", "drained_s", "at most", 5, "s"),
    Target("start with DynamoDB Local", "lifecycle", "start_s", "at most", 6, "s"),
    Target("stop", "lifecycle", "stop_s", "at most", 3, "s"),
    Target("memory idle, resident", "lifecycle", "resident_mb", "at most", 400, "MB"),
)


def judge(figures: Figures) -> list[Verdict]:
    """A verdict for each target, in their order."""
    return [_judge(target, figures) for target in TARGETS]


def _beats_nothing(target: Target, figures: Figures) -> bool | None:
    """The verdict on a ratio to a contender that did nothing at all; None where it was not measured."""
    ours, theirs = (figures.figure(name, target.cell, target.metric) for name in (OURS, target.against or OURS))
    if ours is None or theirs is None or theirs.median != 0:
        return None
    return target.bound == "at least" and ours.median > 0


def _judge(target: Target, figures: Figures) -> Verdict:
    if target.against is None:
        found = figures.figure(OURS, target.cell, target.metric)
    else:
        found = figures.ratio(OURS, target.against, target.cell, target.metric)
    if found is None:
        return Verdict(target, None, None, _beats_nothing(target, figures))
    ok = found.median >= target.limit if target.bound == "at least" else found.median <= target.limit
    return Verdict(target, found.median, (found.low, found.high), ok)
