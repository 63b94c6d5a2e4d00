"""Runs of the command that end before their time: interrupted, a worker dead, the stack gone."""

from __future__ import annotations

import signal

import psutil
import pytest

from loadtests.exit_codes import INTERRUPTED, OK, USAGE_OR_SETUP
from tests.loadtests.conftest import FakeStack, Harness, serving
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupted_run_cleans_up_and_reports_what_it_has(
    stack: FakeStack, harness: Harness, number: signal.Signals, workers: str
) -> None:
    process = harness.start("--host", stack.url, "--rate", "10", "--duration", "60", "--workers", workers)
    until(lambda: len(stack.posts()) > 25, 60)
    process.send_signal(number)
    run = harness.finish(process)
    assert run.code == INTERRUPTED
    assert run.summary["run"]["state"] == "interrupted"
    assert run.summary["duration_s"] < 30
    assert run.summary["verdict"]["word"] == "interrupted"
    assert "INTERRUPTED" in run.stdout
    assert stack.leftovers() == []


def test_interrupted_run_tells_what_it_cut_off(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(answer_delay_s=25.0)
    process = harness.start("--host", stack.url, "--rate", "10", "--duration", "60", "--warmup", "0")
    until(lambda: len(stack.posts()) >= 10, 60)
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    arrival = run.summary["arrival"]
    assert run.code == INTERRUPTED
    assert arrival["aborted"] + arrival["sent"] == arrival["asked"]
    assert arrival["aborted"] >= 10
    assert f"{arrival['aborted']} cut off" in run.stdout
    assert "no value" not in run.stdout


def test_interrupt_before_the_load_leaves_no_report(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(browse_delay_s=30)
    process = harness.start("--host", stack.url)
    until(lambda: stack.requests() >= 2)
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert (run.code, run.stderr.strip()) == (INTERRUPTED, "Interrupted: no report was written.")
    assert not run.folder.exists()
    assert stack.leftovers() == []


def test_interrupt_in_the_warmup_says_that_nothing_was_measured(stack: FakeStack, harness: Harness) -> None:
    process = harness.start("--host", stack.url, "--rate", "10", "--warmup", "60")
    until(lambda: len(stack.posts()) > 2, 60)
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert run.code == INTERRUPTED
    assert "nothing was measured" in run.summary["verdict"]["sentence"]
    assert "no value" not in run.stdout


def test_interrupt_in_the_drain_does_not_wait_for_the_orders(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(lose_every=1)
    options = ("--rate", "4", "--duration", "1", "--warmup", "0", "--drain", "600")
    process = harness.start("--host", stack.url, *options)
    assert process.stdout is not None
    assert any("under way, at most 600 s" in line for line in iter(process.stdout.readline, ""))
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert run.code == INTERRUPTED
    assert "after the load" in run.summary["verdict"]["sentence"]
    assert (run.summary["orders"]["accepted"], run.summary["orders"]["lost"]) == (4, None)


def test_interrupt_after_the_orders_leaves_a_complete_run_without_a_cost(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(restless_usage=True)
    process = harness.start("--host", stack.url, "--rate", "4", "--duration", "1", "--warmup", "0")
    assert process.stdout is not None
    assert any("waiting for what follows" in line for line in iter(process.stdout.readline, ""))
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert "no cost: the engine was not asked" in run.stdout
    assert (run.code, run.summary["run"]["state"], run.summary["cost"]) == (OK, "complete", None)
    assert run.summary["orders"]["confirmed"] == 4


@pytest.mark.parametrize("workers", ["1", "2"])
def test_run_whose_stack_dies_ends_and_says_so(harness: Harness, workers: str) -> None:
    with serving() as mortal:
        options = ("--rate", "10", "--duration", "600", "--warmup", "0", "--workers", workers)
        process = harness.start("--host", mortal.url, *options)
        until(lambda: len(mortal.posts()) > 60, 60)
        psutil.Process(mortal.pid).kill()
        run = harness.finish(process)
    assert run.code == USAGE_OR_SETUP
    assert run.summary["verdict"]["word"] == run.summary["run"]["state"] == "died"
    assert f"{mortal.url} stopped answering" in run.summary["verdict"]["sentence"]
    assert run.summary["orders"]["confirmed"] > 0
    assert "DIED" in run.stdout


def test_stack_that_dies_shortly_before_the_end_of_the_load_has_died(harness: Harness) -> None:
    with serving(die_at=39) as mortal:  # of 40
        run = harness.run("--host", mortal.url, "--rate", "4", "--duration", "10", "--warmup", "0")
    assert (run.code, run.summary["verdict"]["word"]) == (USAGE_OR_SETUP, "died")
    assert run.summary["orders"]["confirmed"] > 0


def test_stack_that_dies_after_the_load_has_died_and_its_orders_are_not_lost(harness: Harness) -> None:
    with serving(lose_every=1) as mortal:
        options = ("--rate", "4", "--duration", "1", "--warmup", "0", "--drain", "30")
        process = harness.start("--host", mortal.url, *options)
        assert process.stdout is not None
        assert any("under way, at most 30 s" in line for line in iter(process.stdout.readline, ""))
        psutil.Process(mortal.pid).kill()
        run = harness.finish(process)
    assert (run.code, run.summary["verdict"]["word"]) == (USAGE_OR_SETUP, "died")
    assert "after the load" in run.summary["verdict"]["sentence"]
    assert (run.summary["orders"]["accepted"], run.summary["orders"]["lost"]) == (4, None)
    assert [row["status"] for row in run.rows("orders.csv")] == ["UNKNOWN"] * 4


def test_run_with_a_dead_worker_fails_and_cleans_up(stack: FakeStack, harness: Harness) -> None:
    process = harness.start("--host", stack.url, "--rate", "10", "--duration", "60", "--workers", "2")
    until(lambda: len(stack.posts()) > 0, 60)
    victim, other = psutil.Process(process.pid).children()
    victim.kill()
    run = harness.finish(process)
    assert run.code == USAGE_OR_SETUP
    assert f"pid {victim.pid}" in run.stderr
    assert not other.is_running()
    assert stack.leftovers() == []
    assert not run.folder.exists()


def test_run_with_a_worker_that_stands_still_ends_and_says_so(stack: FakeStack, harness: Harness) -> None:
    process = harness.start("--host", stack.url, "--rate", "10", "--duration", "3000", "--workers", "2")
    until(lambda: len(stack.posts()) > 0, 60)
    standing, other = psutil.Process(process.pid).children()
    standing.suspend()
    run = harness.finish(process)
    assert run.code == USAGE_OR_SETUP
    assert "was stopped: not a word for 13 s" in run.stderr
    assert not standing.is_running()
    assert not other.is_running()
    assert stack.leftovers() == []


def test_killed_run_leaves_no_worker_and_its_queue_goes_with_the_next_run(stack: FakeStack, harness: Harness) -> None:
    process = harness.start("--host", stack.url, "--rate", "10", "--duration", "60", "--workers", "2")
    until(lambda: len(stack.posts()) > 0, 60)
    workers = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []
    assert len(stack.leftovers()) == 4  # a queue and a subscription for each worker
    assert harness.run("--host", stack.url, "--rate", "4", "--duration", "500ms", "--warmup", "0").code == OK
    assert stack.leftovers() == []
