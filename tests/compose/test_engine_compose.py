"""ENGINE=compose: the commands of the sandbox with LocalStack in a container, in a copy of the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import requests

from sandbox.paths import HOME, ROOT
from tests.compose.conftest import answers, docker, left_of
from tests.conftest import free_port
from tests.guide import copy_checkout
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True)
class Clone:
    """A copy of the checkout, whose folder's name is its compose project's."""

    folder: Path
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, command: str, **settings: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "ENGINE": "compose",
            "PORT": str(self.port),
            **settings,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox", command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def run(self, command: str, exit_code: int = 0, **settings: str) -> str:
        process = self.start(command, **settings)
        output, _ = process.communicate()
        assert process.returncode == exit_code, output
        return output

    def containers(self, form: str = "{{.ID}}") -> list[str]:
        label = f"--filter=label=com.docker.compose.project={self.folder.name}"
        return docker("ps", "--all", "--no-trunc", "--format", form, label).splitlines()

    def left(self) -> list[str]:
        """What Docker has of the project but its volume, and whether it is recorded as started."""
        left = left_of(self.folder.name)
        record = self.folder / ".loadstack" / "run" / "engine.json"
        return [*left["containers"], *left["networks"], *([str(record)] if record.exists() else [])]

    def said(self) -> Path:
        """Where lies what compose said."""
        return self.folder / ".loadstack" / "run" / "compose.log"


@pytest.fixture(scope="module")
def clone(docker_compose_command: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    folder = tmp_path_factory.mktemp("engine") / f"clone-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    copy_checkout(folder)
    for certificate in (ROOT / "docker" / "certificates").glob("*.crt"):
        shutil.copy(certificate, folder / "docker" / "certificates")
    (folder / ".loadstack").mkdir()
    for name in ("uv", "runtime"):
        (folder / ".loadstack" / name).symlink_to(HOME / name)
    if (HOME / "build").is_dir():
        shutil.copytree(HOME / "build", folder / ".loadstack" / "build", symlinks=True)
    made = Clone(folder, free_port())
    try:
        yield made
    finally:
        made.run("down")
        for command in (["volume", "rm", f"{folder.name}_data"], ["image", "rm", f"loadstack:{folder.name}"]):
            subprocess.run(["docker", *command], capture_output=True, check=False)


@pytest.fixture
def running(clone: Clone) -> Clone:
    """The stack runs, whatever a test before did."""
    if not answers(f"{clone.endpoint}/_loadstack/health"):
        clone.run("up")
    return clone


def test_commands_do_what_they_do_on_the_host(running: Clone) -> None:
    before = running.containers()
    assert "nothing to change" in running.run("up")
    assert running.containers() == before

    order = running.run("order")
    assert "CONFIRMED" in order
    assert "notified" in order
    status = running.run("status")
    assert "Ready" in status
    assert "docker compose logs localstack" in status
    assert "204 in all" in running.run("seed", PRODUCTS="204")
    assert "seeded again" in running.run("reset")


def test_deploy_sends_the_code_of_the_checkout(running: Clone) -> None:
    assert "orders: unchanged" in running.run("deploy", SERVICE="orders")
    handler = running.folder / "functions" / "orders" / "handler.py"
    handler.write_text(handler.read_text() + "\nCHANGED = True\n")

    assert "function orders: updated" in running.run("deploy", SERVICE="orders")
    assert "CONFIRMED" in running.run("order")


def test_dead_letter_is_listed_and_sent_back(running: Clone) -> None:
    assert "No dead letters" in running.run("dlq")
    sqs = boto3.client(
        "sqs", "us-east-1", endpoint_url=running.endpoint, aws_access_key_id="test", aws_secret_access_key="test"
    )
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="payments-dlq")["QueueUrl"], MessageBody="no order")

    assert "payments-dlq  1 message" in running.run("dlq")
    assert "1 sent from payments-dlq to queue payments" in running.run("redrive", QUEUE="payments")


def test_what_was_started_stays_the_target(running: Clone) -> None:
    assert "CONFIRMED" in running.run("order", ENGINE="", PORT="")
    assert "started with ENGINE=compose" in running.run("up", 2, ENGINE="host")
    other = str(free_port())
    assert f"runs on port {running.port}, not {other}" in running.run("up", 2, PORT=other)


def test_load_knows_what_the_containers_processes_use(running: Clone, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"  # none of them of time: it is not what is looked at here
    rules.write_text('[order]\nrules = ["orders.lost == 0", "orders.duplicated == 0"]\n')
    running.run("load", RATE="2", DURATION="5", WARMUP="0", SLO=str(rules), REPORTS=str(tmp_path))

    summary = json.loads((tmp_path / "latest" / "summary.json").read_text())
    assert summary["orders"]["confirmed"] == 10
    assert summary["functions"]["orders"]["invocations"] >= 10
    used = requests.get(f"{running.endpoint}/_loadstack/processes", timeout=30).json()
    assert {"localstack", "functions", "dynamodb-local"} <= used.keys()
    assert all(part["cpu_s"] > 0 and part["memory_bytes"] > 0 for name, part in used.items() if name != "other")
    assert sum(part["cpu_s"] for part in used.values()) <= _processor_s(running)


def _processor_s(clone: Clone) -> float:
    """What all processes of the container have used, says the kernel: in nanoseconds (cgroup 1), or microseconds."""
    folder = "/sys/fs/cgroup"
    said = docker(
        "exec", *clone.containers(), "sh", "-c", f"cat {folder}/cpuacct/cpuacct.usage || cat {folder}/cpu.stat"
    )
    return int(said) / 1e9 if said.isdigit() else int(said.split()[1]) / 1e6


def test_logs_follow_the_container(running: Clone) -> None:
    following = running.start("logs")
    lines = iter(following.stdout.readline, "") if following.stdout else iter(())
    try:
        running.run("order")
        assert any("users" in line or "orders" in line for line in lines)
    finally:
        os.killpg(following.pid, signal.SIGINT)
        following.communicate()
    assert following.returncode == 0


def test_docker_that_is_gone_is_told(running: Clone) -> None:
    gone = {"DOCKER_HOST": f"unix://{running.folder}/no-docker.sock"}

    assert "docker ps failed" in running.run("status", 3, **gone)
    assert "once Docker answers, make down ENGINE=compose" in running.run("down", 2, **gone)


def test_killed_container_is_told_and_up_builds_the_stack_anew(running: Clone) -> None:
    docker("kill", *running.containers())

    assert "killed by signal 9" in running.run("status", 3)
    assert "its data is gone; building the stack anew" in running.run("up", LOADSTACK_LOG_LINES="1234")
    assert "CONFIRMED" in running.run("order")
    environments = docker("exec", *running.containers(), "sh", "-c", "cat /proc/[0-9]*/environ | tr '\\0' '\\n'")
    assert "LOADSTACK_LOG_LINES=1234" in environments.splitlines()


def test_down_leaves_nothing_and_is_safe_twice(running: Clone) -> None:
    running.run("down")

    assert running.left() == []
    assert "Nothing runs" in running.run("down")
    assert "not running" in running.run("status", 3)


def _has_begun_to_build(clone: Clone) -> bool:
    return clone.said().exists() and clone.said().stat().st_size > 0


def _waits_for_the_container(clone: Clone) -> bool:
    return "health: starting" in "".join(clone.containers("{{.Status}}"))


@pytest.mark.parametrize("moment", [_has_begun_to_build, _waits_for_the_container])
def test_interrupted_up_leaves_nothing(clone: Clone, moment: Callable[[Clone], bool]) -> None:
    clone.run("down")
    clone.said().unlink(missing_ok=True)
    starting = clone.start("up")
    until(lambda: moment(clone), 300)

    os.killpg(starting.pid, signal.SIGINT)

    output, _ = starting.communicate()
    assert starting.returncode == 130, output
    assert clone.left() == []


BROKEN = {
    "FROM loadstack.invalid/none:1": "could not be built",
    "FROM debian:trixie-slim\nRUN echo it went wrong >&2; exit 7": "could not be built.*code: 7",
    'FROM debian:trixie-slim\nCMD ["sh", "-c", "echo error: no engine here; exit 5"]': "exit code 5.*no engine here",
}


@pytest.mark.parametrize("dockerfile", BROKEN, ids=["base", "build", "start"])
def test_broken_image_is_one_line_and_leaves_nothing(clone: Clone, dockerfile: str, tmp_path: Path) -> None:
    clone.run("down")
    (tmp_path / "Dockerfile").write_text(dockerfile)
    image = f"loadstack-broken:{clone.folder.name}"
    service = {"build": str(tmp_path), "image": image, "ports": [f"127.0.0.1:{clone.port}:4566"]}
    compose_file = clone.folder / "broken.yml"
    compose_file.write_text(json.dumps({"version": "3.8", "services": {"localstack": service}}))
    try:
        output = clone.run("up", 1, COMPOSE_FILE=str(compose_file))
    finally:
        subprocess.run(["docker", "image", "rm", image], capture_output=True, check=False)

    assert re.search(BROKEN[dockerfile], output), output
    assert output.splitlines()[-1].startswith("error: ")
    assert clone.left() == []
