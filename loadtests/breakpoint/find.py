"""The search as `make load` runs it: against the stack, until its end or Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence

from loadtests import slo
from loadtests.breakpoint.settling import Settling, work_of
from loadtests.breakpoint.steps import Steps
from loadtests.breakpoint.words import describe
from loadtests.interrupts import Interrupts
from loadtests.plan import Plan
from loadtests.result import Result
from loadtests.run import execute
from loadtests.screen import Screen
from loadtests.stack import connect


def find(plan: Plan, rules: Sequence[slo.Rule], screen: Screen) -> Result:
    """Search for the highest rate that keeps the rules; return the run of it, with the whole `search` in it.

    Ctrl-C, SIGTERM and a stack that answers no more end the search: the result tells what is known by then. Raises as
    `run.execute` does, of the first step.
    """
    for line in describe(plan):
        screen.say(line)
    with Interrupts() as interrupts:
        stack = connect(plan.address)
        stack.topic_arn()
        steps = Steps(
            plan=plan,
            rules=rules,
            say=screen.say,
            run=lambda step: execute(step, screen, interrupts),
            settle=Settling(work_of(stack), interrupts.happened.wait).wait,
            ended=interrupts.happened.is_set,
        )
        return steps.go()
