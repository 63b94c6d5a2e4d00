from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from loadtests import console, slo, summary
from loadtests.breakpoint.settling import Wait
from loadtests.breakpoint.words import MAX_STEPS
from loadtests.errors import WorkerLostError
from loadtests.plan import Plan
from loadtests.report import page
from loadtests.result import Result
from tests.loadtests.searched import PLAN, RULES, Run, stack_up_to, steps
from tests.loadtests.test_report import plots_of


def summary_of(run: Run, rules: list[slo.Rule] | None = None, **changes: Any) -> dict[str, Any]:
    rules = RULES if rules is None else rules
    return summary.build(steps(run, rules=rules, **changes).go(), rules)


def nth(number: int, instead: Result | Exception, run: Run) -> Run:
    """The run, but for the n-th of them, from 1."""
    came = 0

    def broken(plan: Plan) -> Result:
        nonlocal came
        came += 1
        if came != number:
            return run(plan)
        if isinstance(instead, Exception):
            raise instead
        return replace(instead, plan=plan)

    return broken


def test_search_tells_the_rate_and_its_bracket_and_what_broke() -> None:
    told = summary_of(stack_up_to(27))
    found = told["breakpoint"]
    assert {key: found[key] for key in ("rate_per_s", "low", "high", "uncertainty_percent", "tries", "is_settled")} == {
        "rate_per_s": 26, "low": 26, "high": 28.3, "uncertainty_percent": 8.8, "tries": 3, "is_settled": True
    }  # fmt: skip
    assert found["broke"]["rule"] == "async.order.p95_ms < 2000"
    assert found["broke"]["value"] > 2000
    assert found["broke"]["limit"] == "stack"  # piled up, while these processors were half idle
    assert "from 28.3 a second on work piled up" in found["broke"]["evidence"]
    assert [step["rate_per_s"] for step in found["steps"]] == [5, 10, 20, 40, 28.3, 23.8, 26, 28.3, 28.3]
    assert [step["kept"] for step in found["steps"]] == [True, True, True, False, False, True, True, False, False]
    assert [step["waited_s"] for step in found["steps"]] == [None, *[1.5] * 8]
    assert told["verdict"]["word"] == "passed"
    assert told["verdict"]["sentence"].startswith(
        "26 orders a second keep all SLOs; 28.3 break async.order.p95_ms < 2000 (it is "
    )
    assert told["verdict"]["sentence"].endswith("), limited by the stack.")


def test_figures_of_a_search_are_those_of_its_best_step() -> None:
    told = summary_of(stack_up_to(27))
    assert (told["scenario"], told["arrival"]["rate_per_s"]) == ("breakpoint", 26)
    assert told["orders"]["confirmed"] == 104
    assert told["async"]["order"]["p50_ms"] == pytest.approx(200, abs=1)
    assert [entry["ok"] for entry in told["slo"]] == [True, True]
    assert told["repeat"] == ("make load SCENARIO=breakpoint RATE=5 RATE_MAX=320 PRECISION=10% DURATION=4 WARMUP=2")


def test_other_runs_have_no_breakpoint() -> None:
    run = stack_up_to(27)(replace(PLAN, rate=5.0, rate_max=None, precision=None))
    assert summary.build(run, RULES)["breakpoint"] is None


def test_stack_that_never_breaks_is_told_as_far_as_it_was_tried() -> None:
    told = summary_of(stack_up_to(1000), plan=replace(PLAN, rate_max=30.0))
    assert (told["breakpoint"]["low"], told["breakpoint"]["high"], told["breakpoint"]["broke"]) == (30, None, None)
    assert told["verdict"] == {
        "word": "passed",
        "sentence": "30 orders a second keep all SLOs; nothing broke up to RATE_MAX=30.",
    }


def test_stack_that_keeps_no_rate_fails() -> None:
    told = summary_of(stack_up_to(0.01))
    assert (told["breakpoint"]["rate_per_s"], told["breakpoint"]["high"]) == (None, 5)
    assert told["verdict"]["word"] == "failed"
    assert told["verdict"]["sentence"].startswith("No rate kept the SLOs: 5 break ")
    assert told["arrival"]["rate_per_s"] == 5


def test_first_broken_rule_is_the_first_of_the_file() -> None:
    rules = [*reversed(RULES), slo.parse("async.order.max_ms < 100")]
    told = summary_of(stack_up_to(27), [slo.parse("async.order.max_ms < 2100"), *rules[:1]])
    assert told["breakpoint"]["broke"]["rule"] == "async.order.max_ms < 2100"
    assert [each["rule"] for each in told["breakpoint"]["broke"]["rules"]] == [
        "async.order.max_ms < 2100",
        "async.order.p95_ms < 2000",
    ]
    assert " and 1 more" in told["verdict"]["sentence"]


@pytest.mark.parametrize(("least", "word"), [(26, "passed"), (27, "failed")])
def test_rule_may_ask_for_a_rate(least: int, word: str) -> None:
    told = summary_of(stack_up_to(27), [slo.parse(f"breakpoint.rate_per_s >= {least}"), *RULES])
    assert [step["broken"] for step in told["breakpoint"]["steps"][:3]] == [[], [], []]
    assert (told["verdict"]["word"], told["slo"][0]["value"]) == (word, 26)
    assert (
        "1 of 3 SLOs does not hold: breakpoint.rate_per_s >= 27 (it is 26). 26 orders a second keep"
        in told["verdict"]["sentence"]
    ) == (word == "failed")


def ended(state: str) -> Result:
    return replace(stack_up_to(1000)(PLAN), state=state)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["interrupted", "died"])
def test_search_that_was_ended_tells_what_is_known(state: str) -> None:
    told = summary_of(nth(5, ended(state), stack_up_to(27)))
    assert told["verdict"]["word"] == told["run"]["state"] == state
    assert "after 4 whole steps" in told["verdict"]["sentence"]
    assert "20 orders a second keep all SLOs; 40 break async.order.p95_ms < 2000" in told["verdict"]["sentence"]
    assert (told["arrival"]["rate_per_s"], told["breakpoint"]["is_settled"]) == (20, False)
    assert [step["kept"] for step in told["breakpoint"]["steps"]] == [True, True, True, False, None]


def test_search_that_was_interrupted_in_its_first_step_knows_nothing() -> None:
    told = summary_of(nth(1, ended("interrupted"), stack_up_to(27)))
    assert told["verdict"] == {
        "word": "interrupted",
        "sentence": "Interrupted after 0 whole steps. No rate was judged.",
    }
    assert told["breakpoint"]["rate_per_s"] is None


def test_search_that_was_interrupted_between_two_steps_begins_no_other() -> None:
    told = summary_of(stack_up_to(27), ended=lambda: True)
    assert told["verdict"]["sentence"].startswith("Interrupted after 1 whole step. 5 orders a second keep all SLOs;")


def test_step_that_fails_ends_the_search_and_not_what_is_known() -> None:
    told = summary_of(nth(3, WorkerLostError("a worker has gone"), stack_up_to(27)))
    assert told["verdict"]["word"] == "died"
    assert "the step at 20 a second failed: a worker has gone. 10 orders a second keep" in told["verdict"]["sentence"]


def test_first_step_that_fails_fails_the_command() -> None:
    with pytest.raises(WorkerLostError):
        summary_of(nth(1, WorkerLostError("a worker has gone"), stack_up_to(27)))


def test_time_that_is_over_ends_the_search() -> None:
    clock = iter(range(0, 100_000, 100))
    told = summary_of(stack_up_to(27), now=lambda: float(next(clock)))
    assert len(told["breakpoint"]["steps"]) < 8
    assert not told["breakpoint"]["is_settled"]
    assert told["verdict"]["word"] == "passed"
    assert "whole steps: its time was over." in told["verdict"]["sentence"]


def test_search_that_never_settles_ends_after_so_many_steps() -> None:
    came = 0

    def moody(plan: Plan) -> Result:
        nonlocal came
        came += 1
        return stack_up_to(1000 if came % 2 else 0.1)(plan)

    told = summary_of(moody, plan=replace(PLAN, rate_max=2000.0, precision=0.02))
    assert len(told["breakpoint"]["steps"]) == MAX_STEPS
    assert f"Not settled after {MAX_STEPS} whole steps: it may take {MAX_STEPS}." in told["verdict"]["sentence"]


def test_what_broke_is_what_most_of_the_tries_broke() -> None:
    came = 0

    def moody(plan: Plan) -> Result:
        nonlocal came
        came += 1
        result = stack_up_to(27)(plan)
        return replace(result, dropped=[result.started_at + 1]) if came == 9 else result

    told = summary_of(moody, [slo.parse("run.dropped == 0"), *RULES])["breakpoint"]
    assert [step["broken"][0]["rule"] for step in told["steps"] if step["rate_per_s"] == told["high"]] == [
        "async.order.p95_ms < 2000", "async.order.p95_ms < 2000", "run.dropped == 0"
    ]  # fmt: skip
    assert told["broke"]["rule"] == "async.order.p95_ms < 2000"


def test_step_that_began_before_the_stack_was_back_is_told_and_tried_again() -> None:
    waits = iter([*[True] * 6, False, *[True] * 20])
    told = summary_of(stack_up_to(27), settle=lambda: Wait(1.5, is_back=next(waits)))["breakpoint"]
    assert [step["is_back"] for step in told["steps"] if step["rate_per_s"] == 28.3] == [True, False, True, True]
    assert (told["low"], told["high"], told["is_settled"]) == (26, 28.3, True)


def test_every_step_is_told_when_it_is_over() -> None:
    lines: list[str] = []
    steps(stack_up_to(27), say=lines.append).go()
    assert lines[0] == "step 1: 5 a second kept (orders' p95 200 ms)"
    assert lines[3].startswith("step 4: 40 a second broke: async.order.p95_ms < 2000 (it is ")


def test_page_shows_every_step() -> None:
    result = steps(stack_up_to(27)).go()
    text = page.render(result, summary.build(result, RULES))
    assert "<b>26 orders a second</b> keep all SLOs, 28.3 do not (8.8 % above, tried 3 times)." in text
    section = text.split('<section id="breakpoint">')[1].split("</section>")[0]
    assert section.count("✓ kept") == 5
    assert section.count("✗ broke") == 4
    drawn = plots_of(text)["breakpoint"]
    assert [trace["name"] for trace in drawn["data"]] == [
        "orders, end to end", "POST /orders", "asked for", "completed"
    ]  # fmt: skip
    assert len(drawn["data"][0]["marker"]["symbol"]) == 9


def test_page_of_a_search_that_knows_nothing_says_so() -> None:
    result = steps(nth(1, ended("interrupted"), stack_up_to(27))).go()
    text = page.render(result, summary.build(result, RULES))
    assert "No rate was found that keeps all SLOs. The search did not come to its end" in text
    assert "breakpoint" not in plots_of(text)


def test_terminal_shows_the_verdict_of_the_search() -> None:
    out = io.StringIO()
    console.show(Console(file=out, width=100), summary_of(stack_up_to(27)), Path.cwd() / "reports" / "x")
    assert "PASSED  26 orders a second keep all SLOs; 28.3 break async.order.p95_ms < 2000" in out.getvalue()
    assert "limit   stack at 28.3 a second: " in out.getvalue()
