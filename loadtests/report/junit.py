"""The verdict as CI reads it: `junit.xml`, a test case for each SLO and one for the run itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from loadtests.figures.verdict import shown


def write(path: Path, summary: Mapping[str, Any]) -> None:
    """A rule that does not hold is a failure; a run that did not come to its end is an error."""
    suite = TestSuite(f"loadtests.{summary['scenario']}")
    suite.timestamp = summary["started_at"]
    suite.add_property("repeat", summary["repeat"])
    suite.add_property("verdict", summary["verdict"]["sentence"])
    for case in _cases(summary):
        case.classname = suite.name
        suite.add_testcase(case)
    document = JUnitXml()
    document.add_testsuite(suite)
    document.write(str(path), pretty=True)


def _cases(summary: Mapping[str, Any]) -> Iterator[TestCase]:
    run = TestCase("the run came to its end", time=summary["duration_s"])
    if summary["run"]["state"] != "complete":
        run.result = [Error(summary["verdict"]["sentence"], summary["verdict"]["word"])]
    yield run
    for judged in summary["slo"]:
        case = TestCase(judged["rule"])
        if not judged["ok"]:
            value = "there is no value" if judged["value"] is None else f"it is {shown(judged['value'])}"
            case.result = [Failure(value, "slo")]
        yield case
