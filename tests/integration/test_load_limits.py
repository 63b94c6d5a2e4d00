"""Each limit of a load is caused on purpose, and the report names it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.paths import ROOT
from sandbox.target import Target
from tests.conftest import Aws

pytestmark = pytest.mark.slow

HELD_S = 3.0
"""Of the second of warm-up and the four seconds after it: the later half is sent when it is due."""

type Saturation = dict[str, Any]
type Load = Callable[..., Saturation]


def _nothing(process: subprocess.Popen[str]) -> None:
    """Let it run."""


@pytest.fixture
def load(stack: Target, tmp_path: Path) -> Load:
    """Run a scenario, without rules, and return what limited it. `meanwhile` gets the process as its load begins."""

    def run(scenario: str, *load: str, meanwhile: Callable[[subprocess.Popen[str]], None] = _nothing) -> Saturation:
        slo = tmp_path / "slo.toml"
        slo.write_text(f"[{scenario}]\nrules = []")
        command = [sys.executable, "-u", "-m", "loadtests", "--scenario", scenario, "--host", stack.endpoint]
        rest = ["--warmup", "1", "--drain", "10", "--slo", str(slo), "--reports", str(tmp_path / "reports")]
        with subprocess.Popen(
            [*command, *load, *rest], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            printed = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith(f"{scenario}: "):
                    meanwhile(process)
        assert process.returncode == 0, "".join(printed)
        summary = json.loads((tmp_path / "reports" / "latest" / "summary.json").read_text())
        assert f"limit   {summary['saturation']['limit']}: " in "".join(printed)
        saturation: Saturation = summary["saturation"]
        return saturation

    return run


def counting(found: Saturation) -> set[str]:
    return {each["what"] for each in found["figures"]["signs"] if each["counts"]}


def test_starved_generator_is_named(load: Load) -> None:
    """It gets no processor for some seconds, and sends what was due meanwhile when it has one again."""
    with ExitStack() as going:

        def starve(generator: subprocess.Popen[str]) -> None:
            generator.send_signal(signal.SIGSTOP)
            timer = threading.Timer(HELD_S, generator.send_signal, [signal.SIGCONT])
            timer.start()
            going.callback(timer.join)

        found = load("catalog", "--rate", "20", "--duration", "4", meanwhile=starve)

    assert found["limit"] == "generator", found
    assert found["figures"]["generator"]["late_p99_ms"] > 200
    assert "how late arrivals left (p99)" in counting(found)


@pytest.mark.timeout(240)
def test_sandbox_is_named_for_many_cheap_requests_at_once(load: Load) -> None:
    """Users in a loop: they are never late, whatever else takes the processors meanwhile."""
    found = load("catalog", "--users", "40", "--duration", "6", "--workers", "2")

    assert found["limit"] == "sandbox", found
    told = found["figures"]["sandbox"]
    if told["answer"]["then"] is not None:  # an engine that is too busy to answer looks tells nothing of functions
        assert min(told["answer"]["then"]["outside_ms"], told["answer"]["then"]["function_ms"]) > 0
    assert found["figures"]["stack"]["throttled"] == {}


@contextmanager
def reserved(client: Any, function: str, most: int) -> Iterator[None]:
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=most)
    try:
        yield
    finally:
        client.delete_function_concurrency(FunctionName=function)


def test_stack_is_named_for_a_function_with_a_reserved_concurrency_of_one(load: Load, aws: Aws) -> None:
    """The function of the orders answers POST /orders and hears of every step of an order: more than one at a time.

    Users in a loop: of a rate the generator is late where other tests take the processors.
    """
    with reserved(aws("lambda"), "orders", 1):
        found = load("order", "--users", "5", "--duration", "6")

    assert found["limit"] == "stack", found
    told = found["figures"]["stack"]
    assert told["throttled"]["orders"]["by"] == "reserved"
    assert told["throttled"]["orders"]["count"] > 0
    assert told["limits"]["orders"]["reserved"] == 1
    assert found["reason"].startswith("its reserved concurrency turned orders away")
