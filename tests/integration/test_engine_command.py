"""``./sandbox/run engine``: LocalStack alone, in the foreground."""

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psutil
import pytest

from sandbox import preflight, processes
from sandbox.paths import HOME, ROOT
from tests.conftest import Aws, free_port
from tests.waiting import until

_COMMAND = [sys.executable, "-m", "sandbox", "engine"]
_MARK = "LOADSTACK_TEST_COMMAND"


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Of the commands of a test; all that carries its mark is ended after the test."""
    mark = uuid.uuid4().hex
    yield {**os.environ, _MARK: mark, "PORT": str(free_port())}
    processes.kill(mark, mark=_MARK)


def _ready(command: subprocess.Popen[str]) -> str:
    """The line that says so; before it another engine that starts meanwhile may be told of."""
    assert command.stdout
    return next(line for line in command.stdout if line.startswith("Ready "))


@pytest.mark.slow
def test_engine_runs_on_its_port_until_ctrl_c(environment: dict[str, str]) -> None:
    port, null = environment["PORT"], subprocess.DEVNULL
    command = subprocess.Popen(
        _COMMAND, cwd=ROOT, env=environment, stdin=null, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert _ready(command) == f"Ready http://127.0.0.1:{port}\n"
    health = preflight.health_at(int(port))
    assert health
    Aws(f"http://127.0.0.1:{port}")("sqs").create_queue(QueueName="alone")

    command.send_signal(signal.SIGINT)

    said, complained = command.communicate()
    assert (command.returncode, said, complained) == (0, "", "")
    assert processes.of_instance(environment[_MARK], mark=_MARK) == []
    assert preflight.is_free(int(port))
    assert health["instance"] not in map(str, (HOME / "engines").iterdir())


@pytest.mark.slow
def test_supervisor_that_is_killed_ends_the_command_and_localstack(environment: dict[str, str]) -> None:
    command = subprocess.Popen(
        _COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert _ready(command)
    supervisors = [each for each in _marked(environment) if "sandbox.supervisor" in each.cmdline()]

    supervisors[0].kill()

    _, complained = command.communicate()
    assert command.returncode == 1
    assert complained.startswith("error: LocalStack's supervisor was killed (see ")
    until(lambda: not _marked(environment))


def test_taken_port_is_told_and_starts_nothing(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()

        result = subprocess.run(_COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert result.stderr.startswith(f"error: PORT={environment['PORT']} is taken by another program")
    assert _marked(environment) == []


def _marked(environment: dict[str, str]) -> list[psutil.Process]:
    return processes.of_instance(environment[_MARK], mark=_MARK)
