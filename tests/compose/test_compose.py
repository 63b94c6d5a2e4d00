"""``docker compose up`` alone ends with a stack that takes an order. Needs a Docker engine; builds the image."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator

import pytest

from sandbox.paths import ROOT
from tests.conftest import free_port
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

type Compose = Callable[..., str]


def _command() -> list[str]:
    """``docker compose`` where the plugin is there, else Debian's ``docker-compose``."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    assert shutil.which("docker-compose"), "neither 'docker compose' nor 'docker-compose' is there"
    return ["docker-compose"]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def compose(port: int) -> Iterator[Compose]:
    project = ["--project-name", f"test{uuid.uuid4().hex[:8]}", "--project-directory", str(ROOT)]
    command = [*_command(), *project]
    environment = {**os.environ, "PORT": str(port)}

    def run(*arguments: str) -> str:
        result = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    try:
        run("up", "--build", "--detach")
        yield run
    finally:
        subprocess.run([*command, "down", "--volumes"], cwd=ROOT, env=environment, check=True)


def _state(compose: Compose, service: str) -> dict[str, object]:
    container = compose("ps", "--all", "--quiet", service).strip()
    inspected = subprocess.run(["docker", "inspect", container], capture_output=True, text=True, check=True)
    state: dict[str, object] = json.loads(inspected.stdout)[0]
    return state


def test_order_is_confirmed(compose: Compose, port: int) -> None:
    done = until(lambda: (state := _state(compose, "bootstrap")["State"])["Status"] == "exited" and state, 180)
    assert done["ExitCode"] == 0, compose("logs", "bootstrap")

    order = subprocess.run(
        [sys.executable, "-m", "sandbox", "order"],
        cwd=ROOT,
        env={**os.environ, "ENDPOINT": f"http://127.0.0.1:{port}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert order.returncode == 0, order.stdout + order.stderr
    assert "CONFIRMED" in order.stdout
    assert "notified" in order.stdout


def test_port_is_on_the_loopback_only_and_no_docker_socket_is_mounted(compose: Compose) -> None:
    state = _state(compose, "localstack")

    bindings = [binding for each in state["HostConfig"]["PortBindings"].values() for binding in each]
    assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}
    assert state["Mounts"] == []
    assert state["HostConfig"]["Privileged"] is False
