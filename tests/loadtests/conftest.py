"""The real command against a stack of our own making, both as processes of their own."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from loadtests import slo

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "120"}


# One pause of a busy machine is above any latency that a service is held to.
_LATENCY = re.compile(r"(?<=_ms < )\d+|(?<=latency\.ratio < )\d+(\.\d+)?")


def unhurried(rules: str) -> str:
    """The same rules, with limits to latencies that no pause reaches."""
    return _LATENCY.sub("60000", rules)


@dataclass(frozen=True)
class FakeStack:
    url: str
    pid: int

    def posts(self) -> list[dict[str, Any]]:
        """When each order came in."""
        posts: list[dict[str, Any]] = requests.get(f"{self.url}/_test/posts", timeout=60).json()["posts"]
        return posts

    def requests(self) -> int:
        """How many the Shop API has had since its faults were chosen."""
        functions = requests.get(f"{self.url}/_loadstack/functions", timeout=60).json()
        return int(functions["orders"]["invocations"])

    def break_with(self, **faults: Any) -> None:
        """Have these faults from now on (`fake_stack.Faults`), and count orders from 1 again."""
        requests.post(f"{self.url}/_test/faults", json=faults, timeout=60).raise_for_status()

    def leftovers(self) -> list[str]:
        """What the harness should have removed."""
        queues = self._client("sqs").list_queues(QueueNamePrefix="loadtests-").get("QueueUrls", [])
        subscriptions = self._client("sns").list_subscriptions()["Subscriptions"]
        return [*queues, *(subscription["SubscriptionArn"] for subscription in subscriptions)]

    def _client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **keys)  # type: ignore[call-overload]


@contextmanager
def serving(**faults: Any) -> Iterator[FakeStack]:
    command = [sys.executable, str(Path(__file__).with_name("fake_stack.py")), json.dumps(faults)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the fake stack did not start"
        yield FakeStack(url, process.pid)
        process.communicate()


@pytest.fixture(scope="session")
def one_stack() -> Iterator[FakeStack]:
    with serving() as stack:
        yield stack


@pytest.fixture
def stack(one_stack: FakeStack) -> FakeStack:
    """The one stack of all tests, without faults to begin with."""
    one_stack.break_with()
    return one_stack


@dataclass(frozen=True)
class Run:
    """A finished run of the command."""

    code: int
    stdout: str
    stderr: str
    reports: Path

    @property
    def folder(self) -> Path:
        return self.reports / "latest"

    @property
    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads((self.folder / "summary.json").read_text())
        return summary

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(newline="") as file:
            return list(csv.DictReader(file))


@dataclass(frozen=True)
class Harness:
    """`python -m loadtests` with the options given, and reports in a folder of the test's own. `rules`: what a run is
    held to that names no rules; None: those of a user's run.
    """

    reports: Path
    rules: Path | None = None
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *options: str) -> subprocess.Popen[str]:
        names_rules = any(word.startswith("--slo") for word in options)
        rules = [f"--slo={self.rules}"] if self.rules and not names_rules else []
        process = subprocess.Popen(
            [sys.executable, "-m", "loadtests", "--reports", str(self.reports), *rules, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
            cwd=self.reports.parent,
        )
        self.started.append(process)
        return process

    def finish(self, process: subprocess.Popen[str]) -> Run:
        stdout, stderr = process.communicate(timeout=110)
        return Run(process.returncode, stdout, stderr, self.reports)

    def run(self, *options: str) -> Run:
        return self.finish(self.start(*options))

    def end(self) -> None:
        """Kill what a failed test left running, with its workers: their standard input ends with it."""
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture(scope="session")
def unhurried_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules of a user's run, for a machine that pauses."""
    path = tmp_path_factory.mktemp("rules") / "slo.toml"
    path.write_text(unhurried(slo.DEFAULTS.read_text()))
    return path


@pytest.fixture
def harness(tmp_path: Path, unhurried_rules: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path / "reports", unhurried_rules)
    yield harness
    harness.end()


@pytest.fixture
def harness_of_users(tmp_path: Path) -> Iterator[Harness]:
    """Held to the rules as they are shipped: for runs that are not to pass."""
    harness = Harness(tmp_path / "reports")
    yield harness
    harness.end()
