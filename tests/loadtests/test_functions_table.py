from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.report import functions
from loadtests.report.tables import FUNCTIONS
from tests.loadtests.sample_run import sample
from tests.loadtests.test_hops import DIRECT, SAGA, STAGES, T0, heard


@pytest.mark.parametrize("trail", [DIRECT, SAGA])
def test_functions_of_an_order_add_up_to_what_ran_on_its_way(tmp_path: Path, trail: object) -> None:
    order = heard(trail, STAGES)
    functions.write(tmp_path / "functions.csv", replace(sample(0, started_at=T0), orders=[order]))
    with (tmp_path / "functions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["function"] for row in rows} == {"orders", "inventory", "payments", "notifications"}
    assert {(row["correlation_id"], row["intended_send"]) for row in rows} == {("lt-1", "2026-11-21T10:15:30.000Z")}
    ran_ms = {row["function"]: float(row["running_ms"]) for row in rows}
    # From 30 ms on, accepted at 40, handed over at 60, and again from 125 to 140: 30 + 15.
    if trail is DIRECT:
        assert ran_ms == {"orders": 45.0, "inventory": 13.0, "payments": 15.0, "notifications": 15.0}


def test_order_whose_way_is_not_known_has_no_line(tmp_path: Path) -> None:
    functions.write(tmp_path / "functions.csv", replace(sample(0, started_at=T0), orders=[heard("?", STAGES)]))
    assert (tmp_path / "functions.csv").read_text() == ",".join(FUNCTIONS) + "\n"
