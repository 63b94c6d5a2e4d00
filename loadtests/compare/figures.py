"""The figures of a comparison, a row each: before, after, the change with its interval, and a verdict.

| verdict | means |
|---|---|
| worse, better | the change is beyond the tolerance, and not by chance |
| the same | the change is within the tolerance, and one of twice the tolerance can be excluded |
| not enough data | neither can be said |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean
from typing import Final, Literal

from loadtests.compare import bootstrap
from loadtests.compare.bootstrap import Estimate
from loadtests.compare.change import CHANCE, Change, between, holm
from loadtests.compare.samples import MEAN, RUNNING, Count, Name, Samples, Series

type _Between = Callable[[Sequence[Estimate], Sequence[Estimate]], Change]
type Verdict = Literal["worse", "better", "the same", "not enough data"]

PERCENTS: Final = (50.0, 90.0, 95.0, 99.0)
RESOLUTION_MS: Final = 1.0
"""The services stamp whole milliseconds: a difference below one is none."""

FAILED: Final = 0.01
"""The tolerance of the share of requests that failed: of one in a hundred, as in the SLOs."""

HALF_AN_ORDER: Final = 0.5
"""Lost and duplicated orders: there should be none, so no interval excuses them, and one more is worse. What is less
than half an order comes of runs that are not equally long.
"""

_BY_CLOCK: Final = frozenset(
    {"orders", "requests", "stages", "functions", "means", "processor", "invocations", "duration_cost"}
)
"""Groups whose figures change with the machine's speed."""

_RUNNING_BY_MACHINE: Final = 1.5
_MEDIAN_BY_MACHINE: Final = 2.0
_TAIL_BY_MACHINE: Final = 4.0
"""How many times the change of the machine's speed a latency may change: on a slower machine work also waits longer for
other work, a function in its calls, an order between functions as well. Of eight runs of the same code on two shared
cores, which took the harness up to 13 % more processor time, medians changed by up to three times as much, p95 by up to
six times; mostly it was less.
"""

_ZERO: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both sides, in `unit`. `change` and `interval` are relative (0.2: a fifth more), but for shares,
    where they are the difference. `decides`: it counts for the verdict on the whole. `tolerance` as `change`.
    """

    group: str
    name: str
    unit: str
    a: float
    b: float
    change: float
    interval: tuple[float, float] | None
    tolerance: float
    verdict: Verdict
    decides: bool
    by_machine: bool = False
    """It would be better or worse, had the machine not changed its own speed as well, or been shared with others."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A figure before it is judged; its change is of logarithms unless `is_share`."""

    group: str
    name: str
    unit: str
    a: float
    b: float
    change: Change
    tolerance: float
    decides: bool
    is_share: bool = False
    more_is_better: bool = False
    is_counted: bool = False
    by_machine: float = 1.0
    """How many times the machine's change it may change."""


def compared(
    a: Sequence[Samples], b: Sequence[Samples], tolerance: float, *, side_by_side: bool = False, in_step: bool = False
) -> list[Figure]:
    """Every figure that all runs have (`lacking` tells the others); first those that decide. `side_by_side`: one run
    each, at the same time, so that both had the same machine; `in_step`: and each other's requests at the same places.
    """
    rows = list(_rows(a, b, math.log1p(tolerance), partial(between, side_by_side=side_by_side)))
    machine = None if side_by_side else machine_change(a, b)
    standing = _standing(rows, machine)
    alone = [side[0] for side in (a, b) if len(side) == 1]
    disturbed = in_step or any(each.is_late or (each.is_crowded and not side_by_side) for each in alone)
    figures = [
        _judged(row, machine, stands=number in standing, disturbed=disturbed and row.group in _BY_CLOCK)
        for number, row in enumerate(rows)
    ]
    return sorted(figures, key=lambda each: not each.decides)


def machine_change(a: Sequence[Samples], b: Sequence[Samples]) -> float | None:
    """The logarithm of B's processor time to A's for the harness's own work; None where that is not the same."""
    if len({each.harness_work for each in (*a, *b)}) > 1:
        return None
    sides = [[each.generator_ms for each in side] for side in (a, b)]
    if any(not value for side in sides for value in side):
        return None
    before, after = (fmean(math.log(value) for value in side if value) for side in sides)
    return after - before


def _rows(a: Sequence[Samples], b: Sequence[Samples], tolerance: float, change: _Between) -> Iterator[_Row]:
    for name in _common(a, b, lambda samples: samples.latencies):
        series = [[each.latencies[name] for each in side] for side in (a, b)]
        yield from _latency_rows(name, series, tolerance, change)
    yield from _done_row(a, b, tolerance, change)
    for name in _common(a, b, lambda samples: samples.shares):
        shares = [[bootstrap.share(each.shares[name]) for each in side] for side in (a, b)]
        yield from _share_row(name, shares, change)
    for name in _common(a, b, lambda samples: samples.counts):
        yield from _count_row(name, [each.counts[name] for each in a], [each.counts[name] for each in b])
    for name in _common(a, b, lambda samples: samples.scalars):
        scalars = [[_scalar(each.scalars[name]) for each in side] for side in (a, b)]
        decides = name[0] == "means" and len(a) + len(b) > 2 and not _has_each_run(name, a, b)
        yield from _log_row(*name, "", scalars, tolerance, change, decides=decides)
    for name in _common(a, b, lambda samples: samples.counted):  # what does not depend on any clock
        counted = [[_scalar(each.counted[name]) for each in side] for side in (a, b)]
        yield from _log_row(*name, "", counted, tolerance, change, decides=True, is_counted=True)


def _latency_rows(name: Name, sides: Sequence[Sequence[Series]], tolerance: float, change: _Between) -> Iterator[_Row]:
    found = [list(zip(*(bootstrap.percentiles(each, PERCENTS) for each in side), strict=True)) for side in sides]
    median_by_machine = _RUNNING_BY_MACHINE if name[0] == "functions" else _MEDIAN_BY_MACHINE
    for percent, before, after in zip(PERCENTS, *found, strict=True):
        decides = percent == 50.0 and name[0] in ("orders", "requests", "functions")
        decides |= percent == 95.0 and name[0] == "orders"
        of = (name[0], f"{name[1]} p{percent:g}", "ms")
        for row in _log_row(*of, (before, after), tolerance, change, decides=decides):
            lower = max(min(row.a, row.b), bootstrap.FINEST_MS)
            yield replace(
                row,
                tolerance=max(tolerance, math.log1p(RESOLUTION_MS / lower)),
                by_machine=_TAIL_BY_MACHINE if percent > 50.0 else median_by_machine,
            )


def _log_row(
    group: str,
    name: str,
    unit: str,
    sides: Sequence[Sequence[Estimate | None]],
    tolerance: float,
    change: _Between,
    *,
    decides: bool = False,
    more_is_better: bool = False,
    is_counted: bool = False,
) -> Iterator[_Row]:
    a, b = ([each for each in side if each is not None] for side in sides)
    if len(a) == len(sides[0]) and len(b) == len(sides[1]):
        before, after = (math.exp(fmean(each.value for each in side)) for side in (a, b))
        yield _Row(
            group,
            name,
            unit,
            before,
            after,
            change(a, b),
            tolerance,
            decides,
            more_is_better=more_is_better,
            is_counted=is_counted,
        )


def _share_row(name: Name, sides: Sequence[Sequence[Estimate | None]], change: _Between) -> Iterator[_Row]:
    a, b = ([each for each in side if each is not None] for side in sides)
    if a and b:
        before, after = (fmean(each.value for each in side) for side in (a, b))
        yield _Row(*name, "share", before, after, change(a, b), FAILED, decides=True, is_share=True)


def _count_row(name: Name, a: Sequence[Count], b: Sequence[Count]) -> Iterator[_Row]:
    """All runs of a side together: one order lost in any of them is one too many."""
    occasions = [sum(each.occasions for each in side) for side in (a, b)]
    if all(occasions):
        before, after = (sum(each.happened for each in side) / sum(each.occasions for each in side) for side in (a, b))
        change = Change(after - before, None, 0)
        tolerance = HALF_AN_ORDER / max(occasions)
        yield _Row(*name, "share", before, after, change, tolerance, decides=True, is_share=True, is_counted=True)


def _done_row(a: Sequence[Samples], b: Sequence[Samples], tolerance: float, change: _Between) -> Iterator[_Row]:
    """A run in which nothing at all was done has no logarithm: then it is the means that are compared, as counted."""
    name = ("rate", "done a second", "a second")
    rates = [[each.done_per_s for each in side] for side in (a, b)]
    if all(value > 0 for side in rates for value in side):
        estimates = [[_done(each) for each in side] for side in (a, b)]
        yield from _log_row(*name, estimates, tolerance, change, decides=True, more_is_better=True)
    elif any(value > 0 for side in rates for value in side):
        before, after = (fmean(side) for side in rates)
        value = math.log(after / before) if before and after else math.inf if after else -math.inf
        counted = Change(value, None, 0)
        yield _Row(*name, before, after, counted, tolerance, decides=True, more_is_better=True, is_counted=True)


def _done(samples: Samples) -> Estimate:
    found = bootstrap.rate(samples.done)
    return Estimate(math.log(samples.done_per_s), found.error if found else None)


def _has_each_run(name: Name, a: Sequence[Samples], b: Sequence[Samples]) -> bool:
    """Whether it is known how long the function ran for each order, which tells more than a mean."""
    running = ("functions", f"{name[1].removesuffix(MEAN)}{RUNNING}")
    return all(running in each.latencies for each in (*a, *b))


def _scalar(value: float) -> Estimate | None:
    return Estimate(math.log(value), None) if value > 0 else None


def _common[T](a: Sequence[Samples], b: Sequence[Samples], of: Callable[[Samples], Mapping[Name, T]]) -> list[Name]:
    """What all runs have, in the order of the first."""
    return [name for name in of(a[0]) if all(name in of(each) for each in (*a, *b))]


def _machine_of(row: _Row, machine: float | None) -> float | None:
    return machine * row.by_machine if machine is not None and row.group in _BY_CLOCK else None


def _standing(rows: Sequence[_Row], machine: float | None) -> set[int]:
    """The rows whose change is none of chance: of those that decide all together, of the others each by itself."""
    known = {
        number: probability
        for number, row in enumerate(rows)
        if (probability := row.change.probability(row.change.cautious(_machine_of(row, machine)))) is not None
    }
    deciding = {
        number: probability
        for number, probability in known.items()
        if rows[number].decides and not rows[number].is_counted and _may_be_chance(rows[number].change)
    }
    return holm(deciding) | {
        number for number, probability in known.items() if probability <= CHANCE and not rows[number].decides
    }


def _may_be_chance(change: Change) -> bool:
    """Not where nothing failed on either side: such a share makes no claim that others would have to stand among."""
    return bool(change.error or change.value)


def _judged(row: _Row, machine: float | None, *, stands: bool, disturbed: bool) -> Figure:
    """`disturbed`: the only run of a side was, and nothing tells what that did to its latencies."""
    value = row.change.value
    cautious = row.change.cautious(_machine_of(row, machine))
    interval = row.change.interval()
    verdict = _verdict(row, cautious, interval, stands and not disturbed)
    probability = row.change.probability(value)
    raw = _verdict(row, value, interval, probability is not None and probability <= CHANCE)
    linear: Callable[[float], float] = float if row.is_share else math.expm1
    return Figure(
        row.group,
        row.name,
        row.unit,
        row.a,
        row.b,
        linear(value),
        (linear(interval[0]), linear(interval[1])) if interval and not row.is_counted else None,
        linear(row.tolerance),
        verdict,
        row.decides,
        verdict == "not enough data" and raw in ("worse", "better") and (disturbed or abs(cautious) <= row.tolerance),
    )


def _verdict(row: _Row, value: float, interval: tuple[float, float] | None, stands: bool) -> Verdict:
    is_beyond = abs(value) > row.tolerance + _ZERO
    if row.is_counted:
        return _direction(row, value) if is_beyond else "the same"
    if is_beyond and stands:
        return _direction(row, value)
    if interval is None or abs(row.change.value) > row.tolerance + _ZERO:
        return "not enough data"
    is_narrow = max(abs(interval[0]), abs(interval[1])) <= 2 * row.tolerance + _ZERO
    return "the same" if is_narrow else "not enough data"


def _direction(row: _Row, value: float) -> Verdict:
    return "better" if (value > 0) == row.more_is_better else "worse"
