"""The verdict as CI reads it: `junit.xml`, a test case for each SLO and one for the run itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from loadtests import slo
from loadtests.figures.verdict import shown

_NO_VALUE: Final = "there is no value"


def write(path: Path, summary: Mapping[str, Any]) -> None:
    """A rule that does not hold is a failure; a run that did not come to its end is an error, and there a rule
    without a value is skipped.
    """
    suite = TestSuite(f"loadtests.{summary['scenario']}")
    suite.timestamp = summary["started_at"]
    suite.add_property("repeat", summary["repeat"])
    if summary["flow"]:
        suite.add_property("flow", summary["flow"])
    if commit := summary["run"]["commit"]:
        suite.add_property("commit", f"{commit['id']}{'-dirty' if commit['dirty'] else ''}")
    suite.add_property("verdict", summary["verdict"]["sentence"])
    for case in _cases(summary):
        case.classname = suite.name
        suite.add_testcase(case)
    document = JUnitXml()
    document.add_testsuite(suite)
    document.write(str(path), pretty=True)


def _cases(summary: Mapping[str, Any]) -> Iterator[TestCase]:
    run = TestCase("the run came to its end", time=summary["duration_s"])
    is_whole = summary["run"]["state"] == "complete"
    if not is_whole:
        run.result = [Error(summary["verdict"]["sentence"], summary["verdict"]["word"])]
    yield run
    for judged in summary["slo"]:
        case = TestCase(judged["rule"])
        if not slo.is_judged(judged, summary["run"]["state"]):
            case.result = [Skipped(_NO_VALUE)]
        elif judged["value"] is None:
            case.result = [Failure(_NO_VALUE, "slo")]
        elif not judged["ok"]:
            case.result = [Failure(f"it is {shown(judged['value'])}", "slo")]
        yield case
