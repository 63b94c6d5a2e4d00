"""The verdict on the whole, in a word and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, TypedDict

from loadtests.compare.figures import Figure, Verdict

_NAMED: Final = 3
_LONGER: Final = "Longer runs, more of them, or both sides at the same time could tell"
_SMALL: Final = 0.1
"""Points: from there on two digits are shown, so that one lost order of thousands is."""


class Told(TypedDict):
    """`worse` ends the command with exit code 1."""

    word: Verdict
    sentence: str


def told(figures: Sequence[Figure], runs: tuple[int, int], *, side_by_side: bool = False) -> Told:
    """Worse if one of the figures that decide is; else better if one is; else the same if the median of orders (without
    any: of the first request) is; else not enough data.
    """
    alone = _alone(runs, side_by_side=side_by_side)
    deciding = [each for each in figures if each.decides]
    unknown = [each for each in deciding if each.verdict == "not enough data"]
    for word in ("worse", "better"):
        if found := [each for each in deciding if each.verdict == word]:
            return Told(word=word, sentence=f"{_counted(found, word)}{_unknown(unknown)}{alone}")
    medians = [each for each in deciding if (each.group, each.name) == ("orders", "order p50")]
    medians += [each for each in deciding if each.group == "requests"]
    if medians and medians[0].verdict == "the same":
        sentence = f"No figure that decides changed by more than the tolerance{_unknown(unknown)}{alone}"
        return Told(word="the same", sentence=sentence)
    return Told(word="not enough data", sentence=f"{_LONGER}{_unknown(unknown)}")


def change(figure: Figure) -> str:
    """`+20.3 %`, or of shares `+1.2 points`."""
    if math.isinf(figure.change):
        return "from none"
    points = figure.change * 100
    if figure.unit == "share":
        return f"{points:+.1f} points" if abs(points) >= _SMALL or not points else f"{points:+.2g} points"
    return f"{points:+.1f} %"


def _counted(found: Sequence[Figure], word: str) -> str:
    named = ", ".join(f"{each.name} {change(each)}" for each in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{word.capitalize()}: {named}{more}"


def _unknown(figures: Sequence[Figure]) -> str:
    if not figures:
        return "."
    named = ", ".join(each.name for each in figures[:_NAMED])
    more = f" and {len(figures) - _NAMED} more" if len(figures) > _NAMED else ""
    machine = "; the machine changed, or was shared, as much" if any(each.by_machine for each in figures) else ""
    return f". Not enough data on {named}{more}{machine}."


def _alone(runs: tuple[int, int], *, side_by_side: bool) -> str:
    if runs != (1, 1):
        return ""
    if side_by_side:
        return " Both ran at the same time: what the machine did then is in both, and compared away."
    return " One run each: by how much two runs of the same code differ is not known, and not in the intervals."
