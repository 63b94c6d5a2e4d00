"""The shop in containers, by docker-compose.yml alone: one for all tests that do not need one of their own.

Without a Docker engine these tests are skipped; with ``LOADSTACK_REQUIRE_DOCKER=1`` (.ci/run) that is a failure.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_docker.plugin import DockerComposeExecutor

from sandbox.docker import Docker
from sandbox.errors import SetupError
from sandbox.paths import ROOT
from tests.conftest import free_port
from tests.waiting import until

REQUIRED = "LOADSTACK_REQUIRE_DOCKER"

type Project = Callable[..., AbstractContextManager[Containers]]


@pytest.fixture(scope="session")
def docker_compose_command() -> str:
    """What pytest-docker calls."""
    engine = Docker(os.environ)
    try:
        engine.run(["info"], limit_s=30)
        return shlex.join(engine.require_compose())
    except SetupError as error:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1, and {error}")
        pytest.skip(str(error))


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def docker(*arguments: str) -> str:
    """What the Docker engine answers."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Containers:
    """One project of docker-compose.yml, on ports of its own."""

    project: str
    port: int
    ui_port: int
    compose: Callable[[str], str]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.ui_port}"

    def ids(self, service: str) -> list[str]:
        """All containers of a service, also those that have ended; the one that was created first comes first."""
        label = [
            f"--filter=label=com.docker.compose.{key}" for key in (f"project={self.project}", f"service={service}")
        ]
        return docker("ps", "--all", "--no-trunc", "--quiet", *label).split()[::-1]

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows of the one container of a service."""
        (container,) = self.ids(service)
        details: dict[str, Any] = json.loads(docker("inspect", container))[0]
        return details

    def bootstrapped(self) -> str:
        """What the bootstrap printed, when it has created the stack."""

        def ended() -> dict[str, Any] | None:
            state: dict[str, Any] = self.inspect("bootstrap")["State"]
            return state if state["Status"] == "exited" else None

        state = until(ended, 180)
        logs = self.compose("logs --no-color bootstrap")
        assert state["ExitCode"] == 0, logs
        return logs

    def order(self) -> str:
        """``make order``: it ends well when the order's mail is out."""
        done = self.command("order")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "CONFIRMED" in done.stdout
        assert "notified" in done.stdout
        return done.stdout

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the sandbox on what runs in the containers."""
        environment = os.environ | {"ENDPOINT": self.endpoint}
        command = [sys.executable, "-m", "sandbox", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def answers(self) -> bool:
        return answers(f"{self.endpoint}/_loadstack/health")


NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}


def left_of(project: str) -> dict[str, list[str]]:
    """What the Docker engine still has of a project."""
    label = f"--filter=label=com.docker.compose.project={project}"
    return {
        "containers": docker("ps", "--all", "--quiet", label).split(),
        "networks": docker("network", "ls", "--quiet", label).split(),
        "volumes": docker("volume", "ls", "--quiet", label).split(),
    }


@pytest.fixture(scope="session")
def project(docker_compose_command: str) -> Iterator[Project]:
    """Make a project of docker-compose.yml, of which nothing is left in the end: ``with project(DATA="volume")``.

    Their images go when all tests have ended: the second one is the first one's, by another name.
    """
    names: list[str] = []

    @contextmanager
    def create(**settings: str) -> Iterator[Containers]:
        name = f"loadstack-test-{uuid.uuid4().hex[:8]}"
        names.append(name)
        ports = {"PORT": str(free_port()), "UI_PORT": str(free_port())}
        words = [f"{key}={value}" for key, value in {"COMPOSE_PROJECT_NAME": name, **ports, **settings}.items()]
        command = f"env --chdir={shlex.quote(str(ROOT))} {' '.join(words)} {docker_compose_command}"
        executor = DockerComposeExecutor(command, [str(ROOT / "docker-compose.yml")], name)

        def compose(subcommand: str) -> str:
            output: bytes = executor.execute(subcommand)
            return output.decode()

        try:
            yield Containers(name, int(ports["PORT"]), int(ports["UI_PORT"]), compose)
        finally:
            compose("--profile load down --volumes --timeout 10")
        assert left_of(name) == NOTHING

    yield create
    for name in names:
        subprocess.run(["docker", "image", "rm", f"loadstack:{name}"], capture_output=True, check=False)


@pytest.fixture(scope="session")
def shop(project: Project) -> Iterator[Containers]:
    """Everything: the engine, the stack on it, Locust's web UI and two workers."""
    with project(WORKERS="2") as containers:
        containers.compose("--profile load up --build --detach")
        containers.bootstrapped()
        until(lambda: answers(containers.ui))
        yield containers


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"
