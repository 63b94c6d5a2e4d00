"""A quarter of an hour at a steady rate: the end is as the beginning was."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT, ROOT
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import free_port

_RATE = 3
_DURATION_S = 900
_MEMORY_GROWTH = 1.1


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
@pytest.mark.timeout(_DURATION_S + 420)
def test_soak_is_flat(own_stack: Target, tmp_path: Path) -> None:
    load = ["--scenario=soak", f"--rate={_RATE}", f"--duration={_DURATION_S}", f"--host={own_stack.endpoint}"]
    done = subprocess.run(
        [sys.executable, "-m", "loadtests", *load, f"--reports={tmp_path / 'reports'}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr  # the SLOs of soak: latency's drift, nothing lost
    summary: dict[str, Any] = json.loads((tmp_path / "reports" / "latest" / "summary.json").read_text())
    assert summary["orders"]["confirmed"] == _RATE * _DURATION_S
    for part in ("engine", "functions"):
        memory = summary["drift"]["memory"][part]
        assert memory["last_mb"] < _MEMORY_GROWTH * memory["first_mb"], (part, memory)
