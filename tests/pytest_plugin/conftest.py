"""Test suites of other people's, with the plugin, on a real engine."""

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.host_engine import HostEngine
from sandbox.paths import ROOT

PLUGIN = ROOT / "pytest_loadstack" / "src"

type Suite = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine says of Loadstack or AWS is not what is tested; nor are we a worker of the suites'."""
    for name in list(os.environ):
        if name.startswith(("LOADSTACK_", "AWS_", "PYTEST_XDIST_")) and name != "LOADSTACK_TEST_RUN":
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(PLUGIN))


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """``suite(source, *arguments)`` runs a file of tests in a process of its own."""

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=textwrap.dedent(source))
        return pytester.runpytest_subprocess(*command_line(), *arguments)

    return run


@pytest.fixture
def joined(suite: Suite, engine: HostEngine) -> Suite:
    """The same on an engine that runs."""
    return lambda source, *arguments: suite(source, f"--loadstack-endpoint={engine.endpoint}", *arguments)


def command_line() -> list[str]:
    """What an installed plugin needs no word for, and without those plugins that cost a process its time."""
    unwanted = ("cacheprovider", "schemathesis", "locust", "anyio", "faker", "hypothesispytest", "timeout")
    return ["-p", "pytest_loadstack.plugin", *(word for name in unwanted for word in ("-p", f"no:{name}"))]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose commands run in the environment of these tests: nothing is to be installed."""
    folder = tmp_path / "checkout"
    (folder / "sandbox").mkdir(parents=True)
    (folder / "engine").mkdir()
    door = folder / "sandbox" / "run"
    door.write_text(f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m sandbox "$@"\n')
    door.chmod(0o755)
    return folder
