"""Which engine a command takes: by a docker command that says what a test wants, whatever this machine has."""

import json
import re
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sandbox import docker, engine_choice, preflight
from sandbox.engine_choice import COMPOSE, HOST
from sandbox.errors import SetupError, UsageError
from tests.conftest import free_port
from tests.unit.sandbox.conftest import Install, container_line

ROOT = Path("/clones/Load stack.1")


def _ps(folder: Path, port: int | None) -> str:
    return container_line("abc", folder, port)


def test_without_docker_it_is_the_host(tmp_path: Path) -> None:
    assert engine_choice.choose({"PATH": str(tmp_path)}, tmp_path, ROOT) == engine_choice.Choice(HOST, 4566)


def test_docker_that_answers_and_has_compose_is_the_default(install: Install, tmp_path: Path) -> None:
    chosen = engine_choice.choose(install(), tmp_path, ROOT)

    assert (chosen.engine, chosen.port) == (COMPOSE, 4566)
    assert chosen.project is not None
    assert chosen.project.name == "loadstack1"


@pytest.mark.parametrize(
    "said",
    [
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "failed to connect to the docker API at unix:///docker.sock: dial unix: connect: no such file or directory",
        "error during connect: dial tcp 127.0.0.1:2375: connect: connection refused",
    ],
)
def test_client_without_an_engine_is_as_no_docker(said: str, install: Install, tmp_path: Path) -> None:
    environment = install(version=f"echo '{said}' >&2; exit 1")

    assert engine_choice.choose(environment, tmp_path, ROOT) == engine_choice.Choice(HOST, 4566)


def test_docker_that_refuses_leaves_the_host_and_is_told(install: Install, tmp_path: Path) -> None:
    environment = install(version="echo permission denied at the socket. >&2; exit 1")

    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    assert chosen.engine == HOST
    assert chosen.why == (
        "Docker does not answer (permission denied at the socket), so LocalStack runs on the host "
        "(ENGINE=host: without asking Docker)."
    )


def test_docker_that_hangs_leaves_the_host_and_is_told(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker, "_ANSWER_LIMIT_S", 0.2)

    chosen = engine_choice.choose(install(version="exec sleep 60"), tmp_path, ROOT)

    assert chosen.engine == HOST
    assert chosen.why is not None
    assert re.search(r"does not answer within .*, so LocalStack runs on the host \(ENGINE=host: ", chosen.why)


def test_docker_without_compose_leaves_the_host_and_is_told(install: Install, tmp_path: Path) -> None:
    environment = install(compose="exit 1") | {"PATH": str(tmp_path / "bin")}

    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    assert chosen.engine == HOST
    assert chosen.why is not None
    assert "Compose is missing, so LocalStack runs on the host" in chosen.why


def test_compose_that_is_asked_for_and_missing_is_told_before_the_start(install: Install, tmp_path: Path) -> None:
    environment = install(compose="exit 1") | {"PATH": str(tmp_path / "bin"), "ENGINE": COMPOSE}
    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    with pytest.raises(SetupError, match=r"Compose is missing.*ENGINE=host"):
        engine_choice.check(chosen, tmp_path, environment)


def test_docker_that_is_asked_for_and_missing_is_told_before_the_start(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "ENGINE": COMPOSE}
    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    with pytest.raises(SetupError, match=r"docker is missing.*ENGINE=host"):
        engine_choice.check(chosen, tmp_path, environment)


def test_standalone_compose_is_taken_where_the_plugin_is_missing(install: Install, tmp_path: Path) -> None:
    install("docker-compose")
    environment = install(compose="exit 1") | {"PATH": str(tmp_path / "bin")}

    assert docker.Docker(environment).compose() == [str(tmp_path / "bin" / "docker-compose")]


def test_host_sandbox_that_was_started_stays_though_docker_answers(install: Install, tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700))

    assert engine_choice.choose(install(), tmp_path, ROOT) == engine_choice.Choice(HOST, 4700)


def test_containers_that_were_started_stay_though_docker_has_died(tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700, COMPOSE, "shop-two"))

    chosen = engine_choice.choose({"PATH": str(tmp_path)}, tmp_path, ROOT)

    assert (chosen.engine, chosen.port) == (COMPOSE, 4700)
    assert chosen.project is not None
    assert chosen.project.name == "shop-two"


@pytest.mark.parametrize(("started", "asked"), [(HOST, COMPOSE), (COMPOSE, HOST)])
def test_other_engine_than_the_one_that_was_started_is_refused(started: str, asked: str, tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700, started))

    with pytest.raises(UsageError, match=f"started with ENGINE={started}: make down .* ENGINE={asked} out"):
        engine_choice.choose({"PATH": "", "ENGINE": asked}, tmp_path, ROOT)


def test_stack_of_docker_compose_by_hand_is_found_on_its_port(install: Install, tmp_path: Path) -> None:
    environment = install(ps=_ps(ROOT, 4811))

    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    assert (chosen.engine, chosen.port) == (COMPOSE, 4811)
    engine_choice.check(chosen, tmp_path, environment)
    with pytest.raises(UsageError, match="runs on port 4811, not 4600"):
        engine_choice.choose({**environment, "PORT": "4600"}, tmp_path, ROOT)


def test_project_of_another_clone_is_refused(install: Install, tmp_path: Path) -> None:
    environment = install(ps=_ps(Path("/elsewhere/loadstack1"), 4811))
    chosen = engine_choice.choose(environment, tmp_path, ROOT)

    with pytest.raises(UsageError, match=r"belongs to /elsewhere/loadstack1: .*COMPOSE_PROJECT_NAME="):
        engine_choice.check(chosen, tmp_path, environment)


def test_projects_name_is_that_which_compose_finds(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=4700\nexport COMPOSE_PROJECT_NAME='second'\n")

    assert docker.project(tmp_path, {}).name == "second"
    assert docker.project(tmp_path, {"COMPOSE_PROJECT_NAME": "third"}).name == "third"


def test_taken_port_is_told_before_the_start(install: Install, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environment = {**install(), "PORT": str(port)}
        chosen = engine_choice.choose(environment, tmp_path, ROOT)

        with pytest.raises(SetupError, match=f"Port {port} is taken"):
            engine_choice.check(chosen, tmp_path, environment)


def test_free_port_and_docker_are_all_that_a_start_needs(install: Install, tmp_path: Path) -> None:
    environment = {**install(), "PORT": str(free_port())}
    engine_choice.check(engine_choice.choose(environment, tmp_path, ROOT), tmp_path, environment)


def test_other_project_than_the_one_that_was_started_is_refused(tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700, COMPOSE, "shop-one"))

    with pytest.raises(UsageError, match=r"is the compose project shop-one, not shop-two: make down first"):
        engine_choice.choose({"PATH": "", "COMPOSE_PROJECT_NAME": "shop-two"}, tmp_path, ROOT)
    assert engine_choice.choose({"PATH": "", "COMPOSE_PROJECT_NAME": "shop-one"}, tmp_path, ROOT).project is not None


def test_project_name_means_nothing_to_the_host_engine(tmp_path: Path) -> None:
    preflight.record(tmp_path, preflight.Record(4700))

    chosen = engine_choice.choose({"PATH": "", "COMPOSE_PROJECT_NAME": "Any Name"}, tmp_path, ROOT)

    assert chosen == engine_choice.Choice(HOST, 4700)


def test_project_name_that_compose_would_change_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"COMPOSE_PROJECT_NAME=MyShop is no name of a project: "):
        engine_choice.choose({"PATH": "", "ENGINE": COMPOSE, "COMPOSE_PROJECT_NAME": "MyShop"}, tmp_path, ROOT)


def test_unknown_storage_is_told_before_the_image_is_built(install: Install, tmp_path: Path) -> None:
    environment = {**install(), "PORT": str(free_port()), "DATA": "/somewhere"}

    with pytest.raises(UsageError, match="DATA=/somewhere is unknown: use DATA=memory or DATA=volume"):
        engine_choice.check(engine_choice.choose(environment, tmp_path, ROOT), tmp_path, environment)


@pytest.mark.parametrize(
    ("data", "told"), [("volume", "DATA=volume is for ENGINE=compose"), ("/somewhere", "DATA=/somewhere is unknown")]
)
def test_storage_that_the_host_engine_has_not_is_refused(data: str, told: str, tmp_path: Path) -> None:
    environment = {"PATH": "", "ENGINE": HOST, "PORT": str(free_port()), "DATA": data}

    with pytest.raises(UsageError, match=told):
        engine_choice.check(engine_choice.choose(environment, tmp_path, ROOT), tmp_path, environment)


def test_memory_is_what_the_host_engine_has(tmp_path: Path) -> None:
    environment = {"PATH": "", "ENGINE": HOST, "PORT": str(free_port()), "DATA": "memory"}

    engine_choice.check(engine_choice.choose(environment, tmp_path, ROOT), tmp_path, environment)


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"status": "ready", "instance": "/in/the/container"}).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def anothers_port() -> Iterator[int]:
    """Where an engine answers that is not of this run folder."""
    with HTTPServer(("127.0.0.1", 0), _Health) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_command_that_starts_nothing_does_not_ask_docker_where_nothing_answers(
    install: Install, tmp_path: Path
) -> None:
    asked = f"touch {tmp_path}/asked"
    environment = {**install(version=asked, compose=asked, ps=asked), "PORT": str(free_port())}

    chosen = engine_choice.choose(environment, tmp_path, ROOT, starts=False)

    assert chosen == engine_choice.Choice(HOST, int(environment["PORT"]))
    assert not (tmp_path / "asked").exists()


def test_stack_by_hand_is_found_by_a_command_that_starts_nothing(
    install: Install, tmp_path: Path, anothers_port: int
) -> None:
    environment = {**install(ps=_ps(ROOT, anothers_port)), "PORT": str(anothers_port)}

    chosen = engine_choice.choose(environment, tmp_path, ROOT, starts=False)

    assert (chosen.engine, chosen.port) == (COMPOSE, anothers_port)


def test_engine_of_our_own_for_somebody_elses_endpoint_is_refused() -> None:
    with pytest.raises(UsageError, match=r"ENGINE=host .* ENDPOINT=http://h .*: give one of them"):
        engine_choice.check_endpoint({"ENGINE": HOST, "ENDPOINT": "http://h"})
    engine_choice.check_endpoint({"ENGINE": HOST})
    engine_choice.check_endpoint({"ENDPOINT": "http://h"})
