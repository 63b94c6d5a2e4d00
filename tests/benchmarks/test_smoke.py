"""The order flow from start to end, on the real engine and on the floor."""

from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.contenders import CONTENDERS
from benchmarks.plan import Plan
from benchmarks.scenarios import orders
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject
from sandbox import processes
from sandbox.paths import DEVELOPMENT


def _brief(subject: Subject) -> Measured:
    return orders.measure(subject, connections=2, seconds=1.0)


@pytest.mark.parametrize("contender", ["loadstack", "floor"])
def test_orders_are_measured_and_nothing_is_left(contender: str, tmp_path: Path) -> None:
    scenario = Scenario("orders", "Orders", (Cell("orders@2", _brief),))
    plan = Plan((scenario,), (CONTENDERS[contender],), rounds=1, warm_ping_s=0.2, warm_orders_s=0.2)
    result = run.execute(plan, DEVELOPMENT, tmp_path, lambda line: None)
    assert result.failed == {}
    [sample] = result.samples
    values = sample.measured.values
    assert sample.measured.notes == []
    assert values["accepted_per_s"]
    assert values["finished_per_s"]
    assert all(values[f"cpu_{kind}_ms"] for kind in ("emulator", "functions", "generator"))
    assert not processes.of_instance(str((tmp_path / contender).resolve()))
