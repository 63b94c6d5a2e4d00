from __future__ import annotations

from pathlib import Path
from typing import Any

from junitparser import JUnitXml

from loadtests import slo, summary
from loadtests.report import junit
from tests.loadtests.test_summary import T0, result

RULES = [slo.parse(text) for text in ("orders.lost == 0", "orders.duplicated == 0", "functions.none.errors == 0")]


def written(path: Path, **changes: Any) -> JUnitXml:
    junit.write(path, summary.build(result(**changes), RULES))
    return JUnitXml.fromfile(str(path))


def test_each_rule_is_a_case_and_so_is_the_run(tmp_path: Path) -> None:
    document = written(tmp_path / "junit.xml")
    (suite,) = document
    assert suite.name == "loadtests.order"
    assert (suite.tests, suite.failures, suite.errors) == (4, 2, 0)
    told = {case.name: [each.message for each in case.result] for case in suite}
    assert told == {
        "the run came to its end": [],
        "orders.lost == 0": ["it is 1"],
        "orders.duplicated == 0": [],
        "functions.none.errors == 0": ["there is no value"],
    }


def test_run_that_did_not_come_to_its_end_is_an_error(tmp_path: Path) -> None:
    document = written(tmp_path / "junit.xml", state="died", ended_at=T0 + 2)
    (suite,) = document
    assert (suite.errors, suite.failures) == (1, 0)
    (error,) = next(iter(suite)).result
    assert "stopped answering" in error.message
    told = {case.name: [(type(each).__name__, each.message) for each in case.result] for case in list(suite)[1:]}
    assert told == {
        "orders.lost == 0": [("Skipped", "there is no value")],
        "orders.duplicated == 0": [],
        "functions.none.errors == 0": [("Skipped", "there is no value")],
    }
