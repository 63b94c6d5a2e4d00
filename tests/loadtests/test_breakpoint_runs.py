"""The search as a run of the command. What breaks is a matter of counting, so a busy machine finds the same rate."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from loadtests.exit_codes import INTERRUPTED, OK
from tests.loadtests.conftest import FakeStack, Harness
from tests.waiting import until

pytestmark = pytest.mark.slow

RULES = '[breakpoint]\nrules = ["orders.lost == 0", "orders.accepted < 40"]'
SEARCH = ("--scenario", "breakpoint", "--rate", "6", "--duration", "4", "--warmup", "1", "--precision", "100%")


@pytest.fixture
def options(stack: FakeStack, tmp_path: Path) -> tuple[str, ...]:
    """A search that keeps 24 orders in 4 s, and breaks with 48."""
    rules = tmp_path / "slo.toml"
    rules.write_text(RULES)
    return (*SEARCH, "--host", stack.url, "--slo", str(rules))


@pytest.mark.timeout(300)
def test_search_runs_each_step_and_reports_the_best(
    stack: FakeStack, harness: Harness, options: tuple[str, ...]
) -> None:
    run = harness.run(*options)
    assert run.code == OK, run.stderr
    found = run.summary["breakpoint"]
    assert [(step["rate_per_s"], step["kept"]) for step in found["steps"]] == [(6, True), *[(12, False)] * 3]
    assert (found["low"], found["high"], found["broke"]["rule"]) == (6, 12, "orders.accepted < 40")
    assert [step["is_back"] for step in found["steps"]] == [None, True, True, True]
    assert run.summary["arrival"]["rate_per_s"] == 6
    assert run.summary["orders"]["confirmed"] == len(run.rows("orders.csv")) == 24
    assert "6 orders a second keep all SLOs; 12 break orders.accepted < 40 (it is 48)" in run.stdout
    assert "step 1: 6 a second kept" in run.stdout
    assert 'id="plot-breakpoint"' in (run.folder / "index.html").read_text()
    assert len(stack.posts()) == 30 + 3 * 60
    assert stack.leftovers() == []


@pytest.mark.timeout(300)
def test_search_that_is_interrupted_tells_what_it_knows(
    stack: FakeStack, harness: Harness, options: tuple[str, ...]
) -> None:
    process = harness.start(*options)
    until(lambda: len(stack.posts()) > 35, 100)  # 30 of the first step
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert run.code == INTERRUPTED, run.stderr
    assert "Interrupted after 1 whole step. 6 orders a second keep all SLOs" in run.stdout
    assert [step["kept"] for step in run.summary["breakpoint"]["steps"]] == [True, None]
    assert run.summary["arrival"]["rate_per_s"] == 6
    assert stack.leftovers() == []
