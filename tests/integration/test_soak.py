"""A quarter of an hour at a steady rate: the end is as the beginning was."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rich.console import Console

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT, ROOT
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import free_port

_RATE = 3
_DURATION_S = 900
# What else runs here makes invocations overlap: there are more environments at the end than at the beginning, so their
# memory is judged by the piece. LocalStack keeps something of each; 60 MB are 22 kB for each order.
_ENGINE_GROWTH_MB = 60
_ENVIRONMENT_GROWTH = 2
_FIRST_FIFTH_S = _DURATION_S / 5

# Other slow tests run beside it, and keep its orders waiting longer at one end of the run than at the other (nine times
# as long was seen): drift is judged by the processor time of an order, and latency has a bound alone.
_RULES = [
    "orders.accepted > 0",
    "orders.lost == 0",
    "orders.duplicated == 0",
    "async.order.p95_ms < 5000",
    "sync.POST /orders.failure_rate < 0.01",
    "drift.cpu.ratio < 1.5",
    "run.dropped == 0",
    "run.dead_letters == 0",
    "run.warmup.lost == 0",
    "run.warmup.duplicated == 0",
]


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """A stack that nobody else loads. Log lines are kept up to a bound that is reached in the first minutes."""
    monkeypatch.setenv("LOADSTACK_LOG_LINES", "5000")
    engine = HostEngine(tmp_path_factory.mktemp("soak").resolve(), free_port(), DEVELOPMENT)
    target = Target(engine.endpoint, engine)
    try:
        bring_up(target, Console(quiet=True))
        yield target
    finally:
        engine.stop()


@pytest.mark.slow
@pytest.mark.xdist_group("soak")
@pytest.mark.timeout(_DURATION_S + 420)
def test_soak_is_flat(own_stack: Target, tmp_path: Path) -> None:
    slo = tmp_path / "slo.toml"
    slo.write_text(f"[soak]\nrules = {json.dumps(_RULES)}")
    load = ["--scenario=soak", f"--rate={_RATE}", f"--duration={_DURATION_S}", f"--host={own_stack.endpoint}"]
    with subprocess.Popen(
        [sys.executable, "-m", "loadtests", *load, f"--slo={slo}", f"--reports={tmp_path / 'reports'}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as harness:
        try:
            # Where the median of the first fifth is taken, of what only grows.
            said, _ = harness.communicate(timeout=_FIRST_FIFTH_S / 2)
            pytest.fail(said)
        except subprocess.TimeoutExpired:
            before = _environments(own_stack)
            said, _ = harness.communicate()
        finally:
            harness.kill()
    after = _environments(own_stack)

    assert harness.returncode == 0, said
    summary: dict[str, Any] = json.loads((tmp_path / "reports" / "latest" / "summary.json").read_text())
    # One in a hundred may be refused where a function timed out, and that one is tried no more.
    assert _RATE * _DURATION_S >= summary["orders"]["accepted"] >= 0.99 * _RATE * _DURATION_S
    assert summary["orders"]["confirmed"] == summary["orders"]["accepted"]
    memory = summary["drift"]["memory"]
    assert memory["engine"]["last_mb"] - memory["engine"]["first_mb"] < _ENGINE_GROWTH_MB, memory
    per_environment = memory["functions"]["first_mb"] / before, memory["functions"]["last_mb"] / after
    assert per_environment[1] < _ENVIRONMENT_GROWTH * per_environment[0], (memory, before, after)


def _environments(target: Target) -> int:
    """How many are alive."""
    functions: dict[str, dict[str, Any]] = requests.get(f"{target.endpoint}/_loadstack/functions", timeout=30).json()
    return sum(figures["environments"] for figures in functions.values())
