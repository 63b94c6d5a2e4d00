"""A pytest plugin: notes each test's outcome when it is over, and leaves out those that were noted before.

``LOADSTACK_COMPAT_RESULTS`` names the file (:mod:`compat.notes`), ``LOADSTACK_COMPAT_TREE`` what is tested. A test that
was cut is not noted.
"""

import os
from pathlib import Path

import pytest

from compat import notes

RESULTS, TREE = "LOADSTACK_COMPAT_RESULTS", "LOADSTACK_COMPAT_TREE"
_WHY_LENGTH = 300


class Recorder:
    """The worst of a test's three phases is its outcome."""

    def __init__(self, results: Path, tree: str) -> None:
        self._results = results
        self._tree = tree
        self._now: notes.Note = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        known = {each["test"] for each in notes.read(self._results)}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in known])
        items[:] = [item for item in items if item.nodeid not in known]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup":
            self._now = {"test": report.nodeid, "outcome": "passed", "why": "", "tree": self._tree}
        if report.outcome != "passed" and self._now["outcome"] != "failed":
            self._now |= {"outcome": report.outcome, "why": _why(report)}
        if report.when == "teardown":
            notes.add(self._results, self._now)


def _why(report: pytest.TestReport) -> str:
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:_WHY_LENGTH]
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash else report.longreprtext
    return " ".join(said.split())[:_WHY_LENGTH]


def pytest_configure(config: pytest.Config) -> None:
    if results := os.environ.get(RESULTS):
        config.pluginmanager.register(Recorder(Path(results), os.environ.get(TREE, "")))
