"""Each scenario as a run of the command, against the fake stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtests import times
from loadtests.exit_codes import OK, SLO_FAILED, USAGE_OR_SETUP
from tests.loadtests.conftest import FakeStack, Harness

pytestmark = pytest.mark.slow

SHORT = ("--rate", "10", "--duration", "2", "--warmup", "500ms")


@pytest.mark.parametrize(
    ("name", "door"), [("checkout", "POST /cart/checkout"), ("async-intake", "POST /async/orders")]
)
def test_orders_by_other_doors_are_followed_to_their_end(
    stack: FakeStack, harness: Harness, name: str, door: str
) -> None:
    run = harness.run("--scenario", name, "--host", stack.url, *SHORT)
    assert run.code == OK, run.stderr
    assert run.summary["orders"]["confirmed"] == run.summary["sync"][door]["count"] == 20
    assert run.summary["async"]["order"]["count"] == 20
    assert len(run.rows("orders.csv")) == 20
    assert {post["correlationId"] for post in stack.posts()} >= {
        row["correlation_id"] for row in run.rows("orders.csv")
    }
    assert stack.leftovers() == []


@pytest.mark.parametrize(
    "load", [("--rate", "10", "--workers", "2", "--duration", "2"), ("--users", "4", "--duration", "6")]
)
def test_shoppers_under_way_never_meet_in_a_cart(stack: FakeStack, harness: Harness, load: tuple[str, ...]) -> None:
    """More are under way than were expected: the fake shop refuses whoever touches a cart that is checked out."""
    stack.break_with(answer_delay_s=1.5)
    run = harness.run("--scenario", "checkout", "--host", stack.url, *load, "--warmup", "0")
    assert run.summary["sync"]["POST /cart/checkout"]["failures"] == 0
    assert run.summary["sync"]["PUT /cart/items/{productId}"]["failures"] == 0
    placed = run.summary["orders"]["confirmed"]
    assert placed == 20 if "--rate" in load else placed >= 4
    assert len({post["user"] for post in stack.posts()}) >= 4


def test_slow_cart_shows_in_the_latency_of_the_checkout(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(cart_delay_s=1.3)
    run = harness.run("--scenario", "checkout", "--host", stack.url, *SHORT)
    assert run.summary["orders"]["confirmed"] == 20
    # Each cart takes 1.3 s for each of one to three products, and is begun 1 s before its checkout.
    assert run.summary["sync"]["POST /cart/checkout"]["p50_ms"] >= 300
    assert run.summary["async"]["order"]["p50_ms"] >= 300
    assert run.summary["arrival"]["late"] < 20


def test_reads_are_measured_and_no_order_is_missed(stack: FakeStack, harness: Harness, tmp_path: Path) -> None:
    slo = tmp_path / "slo.toml"  # without limits to latency: other tests may run beside
    slo.write_text('[catalog]\nrules = ["run.dropped == 0"]')
    options = ("--rate", "20", "--duration", "2", "--slo", str(slo))
    run = harness.run("--scenario", "catalog", "--host", stack.url, *options)
    assert run.code == OK, run.stderr
    assert sum(figures["count"] for figures in run.summary["sync"].values()) == 40
    assert all(figures["failures"] == 0 for figures in run.summary["sync"].values())
    assert run.summary["orders"] == dict.fromkeys(run.summary["orders"], 0)
    assert run.summary["async"]["order"]["count"] == 0
    assert run.rows("orders.csv") == []
    assert len(run.rows("requests.csv")) == 40
    assert (run.folder / "index.html").exists()
    assert "PASSED" in run.stdout
    assert stack.posts() == []


def test_sale_confirms_exactly_the_stock(stack: FakeStack, harness: Harness) -> None:
    run = harness.run("--scenario", "flash-sale", "--host", stack.url, "--rate", "60", "--duration", "2")
    assert run.code == OK, run.stderr
    assert (run.summary["orders"]["confirmed"], run.summary["orders"]["rejected"]) == (100, 20)
    assert run.summary["stock"] == {
        "productId": "flash-1", "before": 100, "after": 0, "confirmed_units": 100, "expected_units": 100,
        "difference": 0, "unaccounted": 0,
    }  # fmt: skip


def test_sale_of_more_than_there_is_fails(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(oversell=3)
    run = harness.run("--scenario", "flash-sale", "--host", stack.url, "--rate", "60", "--duration", "2")
    assert run.code == SLO_FAILED
    assert run.summary["stock"]["difference"] == 3
    assert run.summary["stock"]["unaccounted"] == -3
    failed = {entry["rule"] for entry in run.summary["slo"] if not entry["ok"]}
    assert failed == {"stock.difference == 0", "stock.unaccounted == 0"}


def test_sale_counts_what_its_warm_up_bought(stack: FakeStack, harness: Harness) -> None:
    load = ("--rate", "10", "--duration", "1", "--warmup", "1")
    run = harness.run("--scenario", "flash-sale", "--host", stack.url, *load)
    assert run.code == OK
    assert run.summary["orders"]["confirmed"] == 10
    assert (run.summary["stock"]["confirmed_units"], run.summary["stock"]["after"]) == (20, 80)


@pytest.mark.parametrize(
    ("name", "rate", "duration", "steps"),
    [("ramp", "10", "5", [2, 4, 6, 8, 10]), ("spike", "5", "6", [6, 100, 14]), ("soak", "2", "2", [4])],
)
def test_orders_arrive_as_the_scenario_has_it(
    stack: FakeStack, harness: Harness, tmp_path: Path, name: str, rate: str, duration: str, steps: list[int]
) -> None:
    """Whether the queue is back and nothing drifts cannot be said of seconds: that is for rules of longer runs."""
    rules = tmp_path / "slo.toml"
    rules.write_text(f'[{name}]\nrules = ["orders.lost == 0"]')
    load = ("--rate", rate, "--duration", duration, "--warmup", "0", "--slo", str(rules))
    run = harness.run("--scenario", name, "--host", stack.url, *load)
    assert run.code == OK, run.stderr
    assert run.summary["orders"]["confirmed"] == sum(steps)
    by_step = [0] * len(run.summary["arrival"]["steps"])
    begun = times.parse(run.summary["started_at"])
    for row in run.rows("orders.csv"):
        at = times.parse(row["intended_send"]) - begun
        by_step[next(i for i, step in enumerate(run.summary["arrival"]["steps"]) if at < step["to_s"] - 0.005)] += 1
    assert by_step == steps


def test_shop_that_takes_no_customers_is_told_in_a_line(stack: FakeStack, harness: Harness) -> None:
    stack.break_with(no_registration=True)
    run = harness.run("--scenario", "checkout", "--host", stack.url)
    assert run.code == USAGE_OR_SETUP
    assert "cannot register a customer" in run.stderr.strip().splitlines()[-1]
    assert "Traceback" not in run.stderr
    assert stack.leftovers() == []
