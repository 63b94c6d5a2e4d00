from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml

from loadtests import slo, summary
from loadtests.report import junit
from loadtests.revision import Commit
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


@pytest.mark.parametrize(("dirty", "told"), [(False, "72c544a"), (True, "72c544a-dirty")])
def test_commit_is_a_property(tmp_path: Path, dirty: bool, told: str) -> None:
    (suite,) = written(tmp_path / "junit.xml", commit=Commit("72c544a", dirty, T0))
    assert {each.name: each.value for each in suite.properties()}["commit"] == told


def test_run_without_a_commit_has_no_such_property(tmp_path: Path) -> None:
    (suite,) = written(tmp_path / "junit.xml")
    assert "commit" not in {each.name for each in suite.properties()}
