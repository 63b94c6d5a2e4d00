"""The bill of a load on the real shop: what the engine counted for its orders, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import ROOT
from sandbox.target import Target

pytestmark = pytest.mark.slow

ORDERS = 10


@pytest.fixture
def summary(stack: Target, tmp_path: Path) -> dict[str, Any]:
    """Of a run of ten orders, whatever they took."""
    slo = tmp_path / "slo.toml"
    slo.write_text("[order]\nrules = ['orders.lost == 0', 'cost.usd_per_million > 0']")
    words = {"rate": 2, "duration": ORDERS / 2, "warmup": 0, "drain": 60, "slo": slo, "reports": tmp_path / "reports"}
    options = [f"--{name}={value}" for name, value in words.items()]
    done = subprocess.run(
        [sys.executable, "-m", "loadtests", "--scenario=order", f"--host={stack.endpoint}", *options],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a million orders on AWS" in done.stdout
    content: dict[str, Any] = json.loads((tmp_path / "reports" / "latest" / "summary.json").read_text())
    return content


def test_bill_has_what_the_orders_caused(summary: dict[str, Any]) -> None:
    cost = summary["cost"]
    each = {(line["service"], line["what"]): line["each"] for line in cost["lines"]}
    assert cost["count"] == summary["orders"]["confirmed"] == ORDERS
    assert summary["cost_usd_per_million_orders"] == cost["usd_per_million"]
    assert each["API Gateway", "REST API requests"] == 3  # two to browse, one to order
    assert each["SES", "mails"] == 1
    assert each["SNS", "publishes"] >= 4  # accepted, stock-reserved, payment-captured, confirmed
    assert each["DynamoDB", "write request units"] >= 10
    assert {"orders", "inventory", "payments", "notifications"} <= cost["functions"].keys()
    assert cost["standing_usd_per_month"] > 0
    assert sum(part["usd_per_million"] for part in cost["services"].values()) == pytest.approx(
        cost["usd_per_million"], abs=0.001
    )
    for figures in cost["functions"].values():
        assert 0 < figures["computing_ms"] <= figures["mean_ms"]
        assert figures["used_mb"] <= figures["cheapest_mb"]
