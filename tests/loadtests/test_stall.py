"""What the two models make of a stack that answers nothing for 2 s, then all at once (coordinated omission)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loadtests.conftest import FakeStack, Harness

pytestmark = pytest.mark.slow

STALL_S = 2.0


def orders_of(stack: FakeStack, harness: Harness, *load: str) -> tuple[dict[str, Any], int]:
    """The figures of `POST /orders` of a run of 10 s in which the stack stalls at the 60th order, and how many of these
    took more than a quarter of the stall.
    """
    stack.break_with(stall_at=60, stall_s=STALL_S)
    run = harness.run("--host", stack.url, *load, "--duration", "10", "--warmup", "0")
    figures: dict[str, Any] = run.summary["sync"]["POST /orders"]
    assert figures["failures"] == 0
    took_ms = [float(row["latency_ms"]) for row in run.rows("requests.csv") if row["name"] == "/orders"]
    return figures, sum(each > 0.25 * STALL_S * 1000 for each in took_ms)


def test_stall_shows_in_the_open_model(stack: FakeStack, harness: Harness) -> None:
    """40 of 200 arrivals are due while nothing answers, and wait from 2 s down to nothing."""
    orders, slow = orders_of(stack, harness, "--rate", "20")
    assert orders["count"] == 200
    assert orders["p99_ms"] >= 0.9 * STALL_S * 1000
    assert orders["p90_ms"] >= 0.4 * STALL_S * 1000
    assert slow >= 25


def test_stall_hides_in_the_closed_model(stack: FakeStack, harness: Harness) -> None:
    """The one user waits 2 s once, and asks for nothing meanwhile: one order was slow; the machine adds few."""
    orders, slow = orders_of(stack, harness, "--users", "1")
    assert orders["max_ms"] >= 0.9 * STALL_S * 1000
    assert slow <= 5
