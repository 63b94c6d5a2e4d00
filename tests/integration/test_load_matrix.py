"""`make load-matrix` on a stack of its own: what it deploys for each cell, and what is there when it is through."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bootstrap.clients import Clients
from sandbox import flows
from sandbox.foreground import run_in_foreground
from sandbox.host_engine import HostEngine
from sandbox.matrix import command
from sandbox.paths import DEVELOPMENT
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WORDS = {"MEMORY": "512", "BATCH": "2", "ROUNDS": "1", "RATE": "2", "DURATION": "3", "WARMUP": "1", "DRAIN": "60"}


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A stack whose flow nobody else minds."""
    engine = HostEngine(tmp_path_factory.mktemp("matrix").resolve(), free_port(), DEVELOPMENT)
    target = Target(engine.endpoint, engine)
    try:
        bring_up(target, Console(quiet=True))
        yield target
    finally:
        engine.stop()


def settings_of(target: Target) -> dict[str, Any]:
    """The flow, and the memory of all functions and the batch sizes of all queues, by name."""
    clients = Clients(target.endpoint)
    functions = clients.lambda_.get_paginator("list_functions").paginate().build_full_result()["Functions"]
    pages = clients.lambda_.get_paginator("list_event_source_mappings").paginate()
    mappings = pages.build_full_result()["EventSourceMappings"]
    queues = [each for each in mappings if ":sqs:" in each["EventSourceArn"]]
    return {
        "flow": flows.of(clients),
        "memory": {each["FunctionName"]: each["MemorySize"] for each in functions},
        "batches": {each["EventSourceArn"]: each["BatchSize"] for each in queues},
    }


def test_cells_are_deployed_loaded_and_compared_and_the_stack_is_as_it_was(
    own_stack: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[dict[str, Any]] = []

    def look_and_run(words: Sequence[str]) -> int:
        if "loadtests.matrix" not in words:
            loaded.append(settings_of(own_stack))
        return run_in_foreground(words)

    monkeypatch.setattr(command.targets, "from_environment", lambda *_, **__: own_stack)
    monkeypatch.setattr(command, "run_in_foreground", look_and_run)
    before = settings_of(own_stack)

    assert command.run({**WORDS, "FLOW": "saga,choreography", "REPORTS": str(tmp_path)}, Console(quiet=True)) == 0

    assert [each["flow"] for each in loaded] == ["saga", "choreography"]
    assert all(set(each["memory"].values()) == {512} for each in loaded)
    assert all(set(each["batches"].values()) == {2} for each in loaded)
    assert settings_of(own_stack) == before
    (folder,) = tmp_path.glob("*-matrix")
    matrix = json.loads((folder / "matrix.json").read_text())
    for cell, flow in zip(matrix["cells"], ("saga", "choreography"), strict=True):
        (run,) = cell["runs"]
        summary = json.loads((folder / run["report"] / "summary.json").read_text())
        assert (cell["flow"], cell["memory_mb"], cell["batch_size"]) == (flow, 512, 2)
        assert (summary["flow"], summary["orders"]["confirmed"]) == (flow, 6)
        assert cell["figures"]["order_p50_ms"]["median"] > 0
    assert (folder / "index.html").stat().st_size > 1_000_000
