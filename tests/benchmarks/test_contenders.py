"""What the contenders are started with, and the container's figures and end."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.contenders import container, localstack
from benchmarks.contenders.base import Place
from benchmarks.contenders.container import InContainer
from benchmarks.errors import ContenderError
from sandbox import engine_environment, processes
from sandbox.paths import DEVELOPMENT, ROOT
from tests.conftest import free_port


@pytest.fixture
def sandbox_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("LOADSTACK_LAMBDA_METRICS", "1")
    environment = engine_environment.create(DEVELOPMENT, tmp_path, "127.0.0.1:4599", public="127.0.0.1:4599")
    return environment | {processes.MARK: "mark"}


def test_stock_has_nothing_that_makes_localstack_faster(sandbox_environment: dict[str, str]) -> None:
    stock = localstack.stock(sandbox_environment)
    assert stock["LOADSTACK_STOCK"] == "1"
    assert stock["LAMBDA_RUNTIME_EXECUTOR"] == "process"
    assert stock["GATEWAY_SERVER"] == "loopback"
    faster = {"IN_MEMORY_CLIENT", "LS_LOG", "PROVIDER_OVERRIDE_DYNAMODB", "LOADSTACK_PRELOAD"}
    assert faster <= set(sandbox_environment)
    assert not faster & set(stock)
    assert "LOADSTACK_LAMBDA_METRICS" not in stock


def test_stock_is_told_where_everything_is_and_its_mark(sandbox_environment: dict[str, str]) -> None:
    stock = localstack.stock(sandbox_environment)
    for name in (
        "GATEWAY_LISTEN",
        "LOADSTACK_DYNAMODB_LOCAL_DIR",
        "LOADSTACK_DYNAMODB_ARCHIVE",
        "LOADSTACK_JAVA",
        processes.MARK,
    ):
        assert stock[name] == sandbox_environment[name]


def test_variant_takes_its_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANT", "LOADSTACK_FRONT=0,LS_LOG=info")
    assert localstack.variant({"LS_LOG": "warning"}) == {"LS_LOG": "info", "LOADSTACK_FRONT": "0"}


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (["python", "-m", "localstack.runtime.main"], "emulator"),
        (["java", "-cp", "/x/DynamoDBLocal.jar:/x/DynamoDBLocal_lib/*", "LoopbackServer"], "dynamodb"),
        (["python", "_loadstack_runtime.py"], "functions"),
    ],
)
def test_kind_of_process(command: list[str], kind: str) -> None:
    assert localstack.kind(command) == kind


TOLD = {
    "localstack": {"processes": 2, "cpu_s": 5.0, "memory_bytes": 1},
    "dynamodb-local": {"processes": 1, "cpu_s": 2.0, "memory_bytes": 1},
    "functions": {"processes": 4, "cpu_s": 3.0, "memory_bytes": 1},
    "other": {"processes": 1, "cpu_s": 0.5, "memory_bytes": 1},
}


@pytest.fixture
def engine_port() -> Iterator[int]:
    """An engine that tells of its processes."""

    class Engine(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/_loadstack/processes" else 404)
            self.end_headers()
            self.wfile.write(json.dumps(TOLD).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def test_container_tells_itself_what_its_processes_use(tmp_path: Path, engine_port: int) -> None:
    used = InContainer(Place(tmp_path, engine_port, DEVELOPMENT)).cpu().kinds
    assert used == {"emulator": 5.0, "dynamodb": 2.0, "functions": 3.5}


DOCKER = """#!/bin/sh
echo "$@" >> "{folder}/said"
case "$*" in
    info) exit 0 ;;
    "compose version") exit 0 ;;
    compose*build*) echo "no such base image"; exit 1 ;;
    ps*--format*) if [ -e "{folder}/there" ]; then printf '0123\\trunning\\t{root}\\t\\n'; fi ;;
    "volume ls"*) echo volume1 ;;
    "image ls"*) echo image1 ;;
    stop*) echo "device is busy" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker command that can build nothing, and stop nothing where the file ``there`` is; ``said`` has its words."""
    folder = tmp_path / "docker"
    folder.mkdir()
    (folder / "docker").write_text(DOCKER.format(folder=folder, root=ROOT))
    (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def _begun(folder: Path) -> InContainer:
    contender = InContainer(Place(folder / "run", free_port(), DEVELOPMENT))
    with pytest.raises(ContenderError, match="could not be built"):
        contender.start()
    return contender


def test_container_leaves_no_image_and_no_volume(tmp_path: Path, docker: Path) -> None:
    contender = _begun(tmp_path)
    contender.stop()
    said = (docker / "said").read_text().splitlines()
    assert said[-4:] == [
        f"volume ls --quiet --filter=label=com.docker.compose.project={container._PROJECT}",
        "volume rm volume1",
        f"image ls --quiet --filter=reference=loadstack:{container._PROJECT}",
        "image rm image1",
    ]
    contender.stop()
    assert (docker / "said").read_text().splitlines() == said


def test_container_that_cannot_be_stopped_is_told_and_keeps_nobody_from_the_end(
    tmp_path: Path, docker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contender = _begun(tmp_path)
    (docker / "there").touch()
    contender.stop()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"The container of {container._PROJECT} could not be removed: ")
    assert "device is busy" in line


def test_container_that_never_began_says_nothing_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    contender = InContainer(Place(tmp_path / "run", free_port(), DEVELOPMENT))
    with pytest.raises(ContenderError, match="docker is missing"):
        contender.start()
    contender.stop()
    assert capsys.readouterr().err == ""
