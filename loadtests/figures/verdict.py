"""The verdict: how the run ended, in a word and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from loadtests import slo
from loadtests.figures import orders
from loadtests.result import Result

type Word = Literal["passed", "failed", "interrupted", "died"]

_NAMED = 3


class Verdict(TypedDict):
    """`passed` and `failed` are about the SLOs of a whole run; `died`: the stack was gone before its end."""

    word: Word
    sentence: str


def told(result: Result, judged: Sequence[slo.Result]) -> Verdict:
    """A run that did not come to its end is neither passed nor failed, whatever its figures."""
    match result.state:
        case "interrupted":
            return Verdict(word="interrupted", sentence=f"Interrupted {_when(result)}")
        case "died":
            gone = f"{result.engine or 'What ran'} at {result.plan.address.name} stopped answering"
            return Verdict(word="died", sentence=f"{gone} {_when(result)}")
        case "complete":
            return _by_rules(judged)


def _by_rules(judged: Sequence[slo.Result]) -> Verdict:
    if not judged:
        return Verdict(word="passed", sentence="The load ran whole; no SLO was asked for.")
    if all(entry["ok"] for entry in judged):
        return Verdict(word="passed", sentence=f"All {len(judged)} SLOs hold.")
    return Verdict(word="failed", sentence=failing(judged))


def failing(judged: Sequence[slo.Result]) -> str:
    """The rules that do not hold, in a sentence that names the first of them."""
    broken = [entry for entry in judged if not entry["ok"]]
    named = ", ".join(f"{entry['rule']} ({_value(entry['value'])})" for entry in broken[:_NAMED])
    more = f" and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
    verb = "does" if len(broken) == 1 else "do"
    return f"{len(broken)} of {len(judged)} SLOs {verb} not hold: {named}{more}."


def _when(result: Result) -> str:
    """Where in the run that was, and what it means for the figures."""
    measured_s = result.ended_at - result.started_at
    if measured_s <= 0:
        return "before the measured window began: nothing was measured."
    if measured_s < result.plan.duration_s:
        return f"{measured_s:.0f} s into the {result.plan.duration_s:g} s of the load: the figures are until then."
    if orders.lost(result.orders, result) is None:
        return "after the load, while the last orders were under way: what became of them is not known."
    if any(order.accepted for order in result.orders):
        return "after the load: every accepted order was decided."
    return "after the load: the figures are of all of it."


def _value(value: float | None) -> str:
    return "no value" if value is None else f"it is {shown(value)}"


def shown(value: float) -> str:
    """A value as people read it: one decimal above 10, three below."""
    return f"{round(value, 1 if abs(value) >= 10 else 3):.12g}"
