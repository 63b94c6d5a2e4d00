"""Each load scenario against the real shop, as a run of the command."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import ROOT
from sandbox.target import Target
from tests.waiting import until

pytestmark = pytest.mark.slow

CORRECT = ("orders.lost == 0", "orders.duplicated == 0", "run.dropped == 0", "run.dead_letters == 0")
"""What holds however busy the machine is; latencies are for runs that have it for themselves."""


@dataclass(frozen=True)
class Loaded:
    """A finished run of the command."""

    code: int
    output: str
    folder: Path

    @property
    def summary(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "summary.json").read_text())
        return content

    def orders(self) -> list[dict[str, str]]:
        with (self.folder / "orders.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def load(stack: Target, tmp_path: Path) -> Any:
    """Run a scenario for a few seconds, judged by `CORRECT` and the rules given."""

    def run(scenario: str, rate: float, seconds: float, *rules: str) -> Loaded:
        slo = tmp_path / "slo.toml"
        slo.write_text(f"[{scenario}]\nrules = {json.dumps([*CORRECT, *rules])}")
        command = [sys.executable, "-m", "loadtests", "--scenario", scenario, "--host", stack.endpoint]
        load = ["--rate", str(rate), "--duration", str(seconds), "--warmup", "0", "--drain", "60"]
        done = subprocess.run(
            [*command, *load, "--slo", str(slo), "--reports", str(tmp_path / "reports")],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
            timeout=110,
        )  # fmt: skip
        return Loaded(done.returncode, done.stdout + done.stderr, tmp_path / "reports" / "latest")

    return run


@pytest.mark.parametrize(
    ("scenario", "door"),
    [("order", "POST /orders"), ("checkout", "POST /cart/checkout"), ("async-intake", "POST /async/orders")],
)
def test_every_order_is_confirmed_and_all_it_causes_bears_its_id(
    scenario: str, door: str, load: Any, wire: Any
) -> None:
    loaded = load(scenario, 3, 3)

    assert loaded.code == 0, loaded.output
    assert loaded.summary["orders"]["confirmed"] == loaded.summary["sync"][door]["count"] == 9
    for order in loaded.orders():
        said = wire.announcements(order["correlation_id"])
        assert {each["orderId"] for each in said} == {order["order_id"]}
        assert {each["stage"] for each in said} >= {"accepted", "stock-reserved", "payment-captured", "confirmed"}
        caused = wire.events(order["correlation_id"])
        assert {event["detail"]["data"]["orderId"] for event in caused} == {order["order_id"]}
        assert len({event["source"] for event in caused}) >= 3
        bought = caused[0]["detail"]["data"]["items"]
        assert 1 <= len(bought) <= 3  # of a cart that was this shopper's alone


def test_reads_place_no_orders(load: Any) -> None:
    loaded = load("catalog", 10, 3)

    assert loaded.code == 0, loaded.output
    assert loaded.orders() == []
    assert sum(figures["count"] for figures in loaded.summary["sync"].values()) == 30
    assert all(figures["failures"] == 0 for figures in loaded.summary["sync"].values())


def test_sale_confirms_exactly_the_stock(load: Any, stock: Any) -> None:
    loaded = load("flash-sale", 15, 8, "stock.difference == 0", "stock.unaccounted == 0")

    assert loaded.code == 0, loaded.output
    told = loaded.summary["stock"]
    assert told["confirmed_units"] == told["expected_units"] > 0
    assert stock("flash-1") == told["after"] == 100 - told["confirmed_units"]


def test_spike_drains(load: Any, depth: Any) -> None:
    loaded = load("spike", 2, 6)

    assert loaded.code == 0, loaded.output
    assert loaded.summary["orders"]["accepted"] == loaded.summary["orders"]["confirmed"] > 0
    assert [step["rate_per_s"] for step in loaded.summary["arrival"]["steps"]] == [2, 20, 2]
    queues = ("order-intake", "inventory", "payments", "orders", "notifications")
    until(lambda: sum(map(depth, queues)) == 0)


def test_ramp_has_a_row_for_each_rate(load: Any) -> None:
    loaded = load("ramp", 5, 5)

    assert loaded.code == 0, loaded.output
    assert [row["rate_per_s"] for row in loaded.summary["scaling"]] == [1, 2, 3, 4, 5]
    assert sum(row["sent"] for row in loaded.summary["scaling"]) == loaded.summary["orders"]["confirmed"] == 15


def test_soak_tells_of_drift(load: Any) -> None:
    loaded = load("soak", 4, 5)

    assert loaded.code == 0, loaded.output
    assert loaded.summary["drift"]["latency"]["ratio"] > 0
    assert set(loaded.summary["drift"]["memory"]) >= {"engine", "functions", "dynamodb", "harness"}
