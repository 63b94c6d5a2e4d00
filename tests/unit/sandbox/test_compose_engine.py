"""The start and the end of a container, by a docker command that says what a test wants."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from sandbox import down, preflight, up
from sandbox.compose_engine import ComposeEngine
from sandbox.docker import Docker, Project
from sandbox.engine_choice import COMPOSE, HOST, choose
from sandbox.errors import EngineError, NotRunningError, SetupError
from sandbox.paths import ROOT
from sandbox.target import Target
from tests.conftest import free_port
from tests.unit.sandbox.conftest import Environment, Install

GONE = "echo 'Cannot connect to the Docker daemon at unix:///docker.sock' >&2; exit 1"
STAY = r"containers of the compose project shop stays.* make down ENGINE=compose COMPOSE_PROJECT_NAME=shop "


def engine(run: Path, environment: Environment) -> ComposeEngine:
    return ComposeEngine(run, free_port(), Project("shop", ROOT, Docker(environment)))


def test_down_without_docker_forgets_the_containers_and_says_that_they_stay(install: Install, tmp_path: Path) -> None:
    environment = install(ps=GONE)
    preflight.record(tmp_path, preflight.Record(4700, COMPOSE, "shop"))

    with pytest.raises(SetupError, match=f"Cannot connect to the Docker daemon.*{STAY}"):
        down.run(Target("http://127.0.0.1:4700", engine(tmp_path, environment)), Console(quiet=True))

    assert choose({**environment, "ENGINE": HOST}, tmp_path, ROOT).engine == HOST


def test_start_that_fails_as_docker_goes_tells_the_first_error_and_forgets(install: Install, tmp_path: Path) -> None:
    gone = f"if [ -e {tmp_path}/gone ]; then {GONE}; fi"
    install("docker-compose", build=f"touch {tmp_path}/gone; echo 'ERROR: no space left'; exit 1")
    starting = engine(tmp_path, install(compose="exit 1", ps=gone))
    said: list[str] = []

    with pytest.raises(EngineError, match="The image could not be built: ERROR: no space left"):
        starting.start(said.append)

    assert preflight.recorded(tmp_path) is None
    assert any("containers of the compose project shop stays" in line for line in said)


def test_stack_that_fails_as_docker_goes_tells_the_first_error() -> None:
    def stop() -> bool:
        raise SetupError("Docker does not answer")

    failing = SimpleNamespace(is_ready=lambda: False, end_reason=lambda: None, start=lambda say, show: None, stop=stop)
    console = Console(record=True, quiet=True)

    with (
        pytest.raises(EngineError, match="first"),
        up.engine_within(Target("http://127.0.0.1:4700", cast(Any, failing)), console),
    ):
        raise EngineError("first")


@pytest.mark.parametrize(("there", "lines"), [(True, 1), (False, 0)])
def test_interrupt_says_that_what_was_started_is_ended_again(there: bool, lines: int) -> None:
    ended = SimpleNamespace(
        is_ready=lambda: False, end_reason=lambda: None, start=lambda say, show: None, stop=lambda: there
    )
    console = Console(file=io.StringIO(), record=True)

    with pytest.raises(KeyboardInterrupt), up.engine_within(Target("http://127.0.0.1:4700", cast(Any, ended)), console):
        raise KeyboardInterrupt

    assert console.export_text().count("LocalStack, which this command started, is ended again.") == lines


@pytest.mark.parametrize(("plugin", "built"), [("exit 1", "build --force-rm localstack"), (None, "build localstack")])
def test_build_leaves_no_container_of_a_step(plugin: str | None, built: str, install: Install, tmp_path: Path) -> None:
    """The plugin's builder has none; the classic one keeps that of a failed step unless it is told."""
    build = f'echo "$@" >{tmp_path}/built; exit 1'
    install("docker-compose", build=build)
    environment = install(compose=plugin or f'shift; [ "$1" = version ] || {{ {build}; }}')

    with pytest.raises(EngineError):
        engine(tmp_path, environment).start()

    assert (tmp_path / "built").read_text().strip() == built


def test_missing_docker_is_told_as_such_where_nothing_was_started(tmp_path: Path) -> None:
    target = Target("http://127.0.0.1:4700", engine(tmp_path, {"PATH": str(tmp_path)}))

    with pytest.raises(SetupError, match=r"^docker is missing: install Docker .*; ENGINE=host does without Docker\.$"):
        target.require_running()


def test_docker_that_has_gone_is_told_of_containers_that_were_started(install: Install, tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700, COMPOSE, "shop"))
    target = Target("http://127.0.0.1:4700", engine(tmp_path, install(ps=GONE)))

    with pytest.raises(NotRunningError, match=r"started in containers, and docker ps failed: Cannot connect .*: make "):
        target.require_running()
