"""Scenarios from start to end, on the real engine and on the floor."""

from functools import partial
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.contenders import CONTENDERS
from benchmarks.plan import Plan
from benchmarks.scenarios import cold, drain, orders
from benchmarks.scenarios.base import Cell, Scenario, Values
from sandbox import processes
from sandbox.paths import DEVELOPMENT

ORDERS = Scenario("orders", "Orders", (Cell("orders@2", partial(orders.measure, connections=2, seconds=1.0)),))
COLD = Scenario("cold", "Cold", (Cell("cold", partial(cold.measure, alone=1, burst=3)),), needs_stack=False)


def _measure(contender: str, folder: Path, *scenarios: Scenario) -> dict[str, Values]:
    plan = Plan(scenarios, (CONTENDERS[contender],), rounds=1, warm_ping_s=0.2, warm_orders_s=0.2)
    result = run.execute(plan, DEVELOPMENT, folder, lambda line: None)
    assert result.failed == {}
    assert [sample.measured.notes for sample in result.samples] == [[]] * len(scenarios)
    assert not processes.of_instance(str((folder / contender).resolve()))
    return {sample.cell: sample.measured.values for sample in result.samples}


def _check_orders(values: Values) -> None:
    assert values["accepted_per_s"]
    assert values["finished_per_s"]
    assert all(values[f"cpu_{kind}_ms"] for kind in ("emulator", "functions", "generator"))


@pytest.mark.slow
def test_engine_is_measured_and_nothing_is_left(tmp_path: Path) -> None:
    measured = _measure("loadstack", tmp_path, ORDERS, drain.SCENARIO, COLD)
    _check_orders(measured["orders@2"])
    assert measured["drain"]["drained_s"] == pytest.approx(1000 / (measured["drain"]["messages_per_s"] or 1))
    assert measured["cold"]["burst_started"] == 3
    assert (measured["cold"]["alone_p50_ms"] or 0) > 1


@pytest.mark.slow
def test_floor_is_measured_and_nothing_is_left(tmp_path: Path) -> None:
    _check_orders(_measure("floor", tmp_path, ORDERS)["orders@2"])
