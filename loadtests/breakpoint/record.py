"""What a search has left behind: each of its steps, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from loadtests.breakpoint.bracket import Bounds, Bracket, Try, bracket, next_rate
from loadtests.breakpoint.words import FEWEST
from loadtests.plan import Plan


@dataclass(frozen=True, slots=True)
class Step:
    """One rate, run once. `kept`: every SLO held; None where the run was ended before its time. `figures`: what
    `breakpoint.steps` in the summary has of it.
    """

    rate: float
    kept: bool | None
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """The steps in the order of their time. `plan` is what was asked for: its rate is the first one.

    `state`: `complete` when nothing ended the search from outside. `why` says in half a sentence what ended one before
    its bracket was settled, where there is more to say than `state` does.
    """

    plan: Plan
    steps: tuple[Step, ...]
    state: Literal["complete", "interrupted", "died"]
    why: str | None = None

    @property
    def tries(self) -> list[Try]:
        """The steps that were judged."""
        return [
            Try(step.rate, step.kept, step.figures["is_back"] is not False)
            for step in self.steps
            if step.kept is not None
        ]

    @property
    def bracket(self) -> Bracket:
        """What is known."""
        return bracket(self.tries)

    @property
    def is_settled(self) -> bool:
        """Whether there was nothing left to try."""
        return next_rate(bounds(self.plan), self.tries) is None

    @property
    def broke(self) -> Step | None:
        """The latest step at the lowest rate that broke whose first broken rule is that of most of the steps there."""
        high = self.bracket.high
        broke = [step for step in reversed(self.steps) if step.kept is False and step.rate == high]
        often = Counter(_first_rule(step) for step in broke)
        return max(broke, key=lambda step: often[_first_rule(step)], default=None)


def _first_rule(step: Step) -> str | None:
    return next((each["rule"] for each in step.figures["broken"]), None)


def bounds(plan: Plan) -> Bounds:
    """Of a plan that searches. Raises ValueError for one that does not."""
    if plan.rate is None or plan.rate_max is None or plan.precision is None:
        raise ValueError("this plan searches nothing: it has no rate_max")
    return Bounds(plan.rate, plan.rate_max, plan.precision, FEWEST / plan.duration_s)
