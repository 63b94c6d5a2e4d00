"""A replay as a run of the command, against the fake stack."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from loadtests import times
from loadtests.exit_codes import INTERRUPTED, OK, SLO_FAILED, USAGE_OR_SETUP
from loadtests.replay.reading import read
from tests.loadtests.conftest import FakeStack, Harness
from tests.loadtests.order_logs import row, written
from tests.waiting import until

ORDERS = 24
SHOP = {
    "more_products": ["A1", "B2"],
    "more_customers": [f"customer-{number}@example.com" for number in range(3)],
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two dozen orders of three customers and of nobody within 24 minutes, and what cannot be played."""
    rows = [
        row(
            str(number),
            f"2010-12-01 08:{20 + number * number // ORDERS}:00",
            "A1" if number % 2 else "b2",
            str(1 + number),
            CustomerID=["0", "1", "2.0", ""][number % 4],
        )
        for number in range(ORDERS)
    ]
    return written(tmp_path / "log.csv", [*rows, row("C1", quantity="-1"), row("7", code="POST")])


@pytest.fixture
def rules(tmp_path: Path) -> str:
    """Without limits to times: other tests may run beside."""
    path = tmp_path / "slo.toml"
    path.write_text(
        '[replay]\nrules = ["orders.lost == 0", "replay.not_final == 0", "replay.revenue_difference == 0"]',
    )
    return f"--slo={path}"


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "3"])
def test_log_is_played_at_its_times_whoever_plays_it(
    stack: FakeStack, harness: Harness, log: Path, rules: str, workers: str
) -> None:
    stack.break_with(**SHOP)
    run = harness.run("--scenario", "replay", "--log", str(log), "--host", stack.url, "--workers", workers, rules)
    assert run.code == OK, run.stderr
    replay = run.summary["replay"]
    assert (run.summary["orders"]["confirmed"], replay["not_final"], replay["revenue_difference"]) == (ORDERS, 0, 0)
    assert replay["revenue_cents"] == 100 * sum(range(1, ORDERS + 1))
    assert replay["rows"]["left_out"] == {"cancellation": 1, "no_product": 1}
    assert (replay["customers"], replay["guest_orders"]) == (3, 6)
    instants = read(log, None, None, 600.0, 1).instants
    begun = times.parse(run.summary["started_at"])
    due = sorted(times.parse(line["intended_send"]) - begun for line in run.rows("orders.csv"))
    assert due == pytest.approx(instants, abs=0.002)
    by_quantity = {post["items"][0]["quantity"]: post for post in stack.posts()}
    assert sorted(by_quantity) == list(range(1, ORDERS + 1))
    assert {post["user"] for post in by_quantity.values()} == {*SHOP["more_customers"], "demo@example.com"}
    assert stack.leftovers() == []


@pytest.mark.slow
def test_books_that_miss_something_fail_the_run(stack: FakeStack, harness: Harness, log: Path, rules: str) -> None:
    stack.break_with(**SHOP, forgotten_cents=7)
    run = harness.run("--scenario", "replay", "--log", str(log), "--host", stack.url, "--speed", "6000", rules)
    assert run.code == SLO_FAILED
    assert run.summary["replay"]["revenue_difference"] == -7
    assert {entry["rule"] for entry in run.summary["slo"] if not entry["ok"]} == {"replay.revenue_difference == 0"}
    assert "in the analytics -0.07" in run.stdout


@pytest.mark.slow
def test_interrupted_replay_tells_what_was_played(stack: FakeStack, harness: Harness, log: Path) -> None:
    stack.break_with(**SHOP)
    process = harness.start("--scenario", "replay", "--log", str(log), "--host", stack.url, "--speed", "10")
    until(lambda: len(stack.posts()) > 4)
    process.send_signal(signal.SIGINT)
    run = harness.finish(process)
    assert run.code == INTERRUPTED
    assert run.summary["replay"]["orders"]["played"] == ORDERS
    assert 2 < run.summary["orders"]["accepted"] < ORDERS
    assert run.summary["replay"]["revenue_difference"] is None
    assert stack.leftovers() == []


@pytest.mark.slow
def test_shop_without_the_logs_products_is_told_in_a_line(stack: FakeStack, harness: Harness, log: Path) -> None:
    run = harness.run("--scenario", "replay", "--log", str(log), "--host", stack.url)
    assert run.code == USAGE_OR_SETUP
    assert "2 of the 2 products that the log's orders name are not in the shop" in run.stderr.splitlines()[-1]
    assert f"make seed FROM={log} ENDPOINT={stack.url} adds them" in run.stderr.splitlines()[-1]
    assert stack.leftovers() == []
