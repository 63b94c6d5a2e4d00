"""The steps of a search: one after the other, each a whole run, judged by the SLO, until all is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from loadtests import slo, summary
from loadtests.breakpoint import figures
from loadtests.breakpoint.bracket import next_rate
from loadtests.breakpoint.record import Search, Step, bounds
from loadtests.breakpoint.words import MAX_STEPS, longest_s
from loadtests.errors import LoadtestError
from loadtests.plan import Plan
from loadtests.result import Result, State

if TYPE_CHECKING:
    from loadtests.breakpoint.settling import Wait


@dataclass(slots=True)
class Steps:
    """Runs steps until nothing is left to try, or the time is over. `run` and `settle` may take long; `ended` says that
    the user, or the stack, wants it to end.

    Only the best run is kept whole: the one at the highest rate that kept the SLO; until there is one, the latest.
    """

    plan: Plan
    rules: Sequence[slo.Rule]
    say: Callable[[str], None]
    run: Callable[[Plan], Result]
    settle: Callable[[], Wait]
    ended: Callable[[], bool]
    now: Callable[[], float] = time.monotonic
    _made: list[Step] = field(default_factory=list)
    _best: Result | None = None
    _best_rate: float | None = None

    def go(self) -> Result:
        """Return the best run."""
        deadline = self.now() + longest_s(self.plan)
        state: State = "complete"
        why: str | None = None
        while (rate := self._next()) is not None and state == "complete":
            if len(self._made) >= MAX_STEPS or self.now() >= deadline:
                why = f"it may take {MAX_STEPS}" if len(self._made) >= MAX_STEPS else "its time was over"
                break
            waited = self.settle() if self._made else None
            if self._made and self.ended():
                state = "interrupted"
                break
            try:
                state = self._step(rate, waited)
            except LoadtestError as error:
                if self._best is None:
                    raise
                state, why = "died", f"the step at {rate:g} a second failed: {error}"
        return self._result(state, why)

    def _next(self) -> float | None:
        return next_rate(bounds(self.plan), Search(self.plan, tuple(self._made), "complete").tries)

    def _step(self, rate: float, waited: Wait | None) -> State:
        result = self.run(replace(self.plan, rate=rate, rate_max=None, precision=None))
        built = summary.build(result, [rule for rule in self.rules if not rule.is_of_search])
        kept = summary.passed(built) if result.state == "complete" else None
        step = Step(rate, kept, figures.step(built, kept, waited))
        self._made.append(step)
        if self._is_better(step):
            self._best, self._best_rate = result, rate if kept else None
        self.say(figures.line(len(self._made), step))
        return result.state

    def _is_better(self, step: Step) -> bool:
        """Whether its run is to be kept in place of the one that is."""
        if step.kept:
            return self._best_rate is None or step.rate >= self._best_rate
        return self._best_rate is None and (self._best is None or step.kept is not None)

    def _result(self, state: State, why: str | None) -> Result:
        if self._best is None:
            raise RuntimeError("a search without a step has no result")
        search = Search(self.plan, tuple(self._made), state, why)
        return replace(self._best, search=search, state=state)
