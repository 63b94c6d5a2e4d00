"""What is not compared, since not all runs have it: a figure that vanished may be what broke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from loadtests.compare.reports import Report
from loadtests.compare.samples import Samples

_NAMED: Final = 8
_ENOUGH: Final = 0.9
"""Of the decided orders: a file that tells of fewer may have lost lines."""


def told(a: Sequence[Report], b: Sequence[Report], before: Sequence[Samples], after: Sequence[Samples]) -> list[str]:
    """A sentence for each side that lacks figures, and for each run whose functions are not known of all orders."""
    return [*_figures(before, after), *_functions("A", a, before), *_functions("B", b, after)]


def _figures(a: Sequence[Samples], b: Sequence[Samples]) -> Iterator[str]:
    there = list(dict.fromkeys(name for each in (*a, *b) for name in _names(each)))
    for word, side in (("A", a), ("B", b)):
        everywhere = set.intersection(*(set(_names(each)) for each in side))
        if missing := [f"{group} {name}" for group, name in there if (group, name) not in everywhere]:
            more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
            runs = "it has no" if len(side) == 1 else "not all of its runs have"
            yield f"{word}: {runs} {', '.join(missing[:_NAMED])}{more}; so that is not compared"


def _names(samples: Samples) -> Iterator[tuple[str, str]]:
    for each in (samples.latencies, samples.shares, samples.counts, samples.scalars, samples.counted):
        yield from each


def _functions(word: str, reports: Sequence[Report], samples: Sequence[Samples]) -> Iterator[str]:
    for report, each in zip(reports, samples, strict=True):
        if each.traced is None:
            yield f"{word}: {report.name} has no functions.csv"
        elif each.traced < _ENOUGH * each.decided:
            yield f"{word}: functions.csv of {report.name} tells of {each.traced} of {each.decided} orders"
