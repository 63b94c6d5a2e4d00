"""What the machine gives: the same functions and DynamoDB Local with no emulator between (:mod:`benchmarks.floor`)."""

import json
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import floor, usage
from benchmarks.contenders.base import Place
from benchmarks.contenders.child import Child
from benchmarks.orders import TABLE
from benchmarks.ports import free_port
from benchmarks.stack import Clients, create_table
from benchmarks.usage import Kind, dynamodb_local
from loadstack_engine import dynamodb_local as engine_dynamodb_local
from sandbox import engine_environment, processes
from sandbox.paths import Installation

_HERE = Path(floor.__file__).parent
_HEAP = "256m"  # LocalStack's default


@dataclass(frozen=True)
class FloorStack:
    port: int
    dynamodb: Any
    ping_path: str = "/ping"
    log_path: str = "/log"
    orders_path: str = "/orders"

    def pending(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/pending", timeout=10) as answer:
            return int(answer.read())

    def purge(self) -> None:
        """Its queue is never behind for long."""


class Floor:
    clients: Clients | None = None

    def __init__(self, place: Place) -> None:
        self._child = Child(place.run)
        self._installation = place.installation
        self._dynamodb_port = free_port()
        self._aws = Clients(f"http://127.0.0.1:{self._dynamodb_port}")
        self.port = place.port
        self.mark = self._child.mark

    def start(self) -> None:
        worker = (self._installation.runtime_python, _HERE / "worker.py", _HERE.parent / "functions")
        configuration = {
            "port": self.port,
            "dynamodb": _dynamodb_command(self._installation, self._dynamodb_port, self._child.run / "tmp"),
            "worker": [str(word) for word in worker],
            "environment": self._function_environment(),
        }
        command = [sys.executable, str(_HERE / "server.py"), json.dumps(configuration)]
        self._child.start(command, {}, self._aws("dynamodb").list_tables)

    def deploy(self) -> FloorStack:
        create_table(self._aws("dynamodb"))
        return FloorStack(self.port, self._aws("dynamodb"))

    def terminate(self) -> None:
        self._child.terminate()

    def stop(self) -> None:
        self._child.stop()
        self._aws.close()

    def cpu(self) -> usage.Cpu:
        return usage.cpu(self.mark, self.kind)

    def kind(self, command: Sequence[str]) -> Kind:
        if str(_HERE / "server.py") in command:
            return "emulator"
        return "dynamodb" if dynamodb_local(command) else "functions"

    def _function_environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{self._dynamodb_port}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "TABLE": TABLE,
            processes.MARK: self.mark,
        }


def _dynamodb_command(installation: Installation, port: int, temporary: Path) -> list[str]:
    """The engine's own, so that the database is the same."""
    server = SimpleNamespace(
        port=port,
        in_memory=True,
        share_db=True,
        delay_transient_statuses=False,
        optimize_db_before_startup=False,
        heap_size=_HEAP,
        _get_java_vm_options=list,
    )
    _, *arguments = engine_dynamodb_local.command(
        server, installation.dynamodb_local, engine_dynamodb_local.Archive(installation.dynamodb_archive)
    )
    ours, theirs = f"-Djava.io.tmpdir={temporary}", f"-Djava.io.tmpdir={tempfile.gettempdir()}"
    arguments = [ours if argument == theirs else argument for argument in arguments]
    return [str(engine_environment.java_command(installation)), *arguments]
