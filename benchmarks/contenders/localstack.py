"""LocalStack 4.14.0 with our plugin: as the sandbox starts it, and with as little of it as runs without Docker."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import usage
from benchmarks.contenders.base import Place
from benchmarks.errors import ContenderError, UsageError
from benchmarks.stack import Clients, EmulatedStack, create
from benchmarks.usage import Kind, dynamodb_local
from sandbox.errors import SandboxError
from sandbox.host_engine import HostEngine

Environment = dict[str, str]

# What LocalStack needs to start here, and nothing that makes it faster: where it lies and listens, no download and no
# report to its makers, no name server on port 53; and our executor with the runtime and the database that it finds.
_STOCK_KEEPS = frozenset(
    {
        *("PATH", "LANG", "HOME", "TMPDIR", "LOCALSTACK_VOLUME_DIR", "FILESYSTEM_ROOT", "OVERRIDE_IN_DOCKER"),
        *("GATEWAY_LISTEN", "LOCALSTACK_HOST"),
        *("SKIP_SSL_CERT_DOWNLOAD", "DISABLE_EVENTS", "DNS_ADDRESS"),
        *("LAMBDA_RUNTIME_EXECUTOR", "LOADSTACK_RUNTIME_PYTHON", "LOADSTACK_JAVA"),
        *("LOADSTACK_DYNAMODB_LOCAL_DIR", "LOADSTACK_DYNAMODB_ARCHIVE"),
        "LOADSTACK_INSTANCE",
    }
)


def as_the_sandbox(environment: Environment) -> Environment:
    return environment


def stock(environment: Environment) -> Environment:
    """Everything at LocalStack's defaults, and every part of the plugin off but the executor.

    The server is LocalStack's own on Twisted, kept to 127.0.0.1.
    """
    kept = {name: value for name, value in environment.items() if name in _STOCK_KEEPS}
    return kept | {"GATEWAY_SERVER": "loopback", "LOADSTACK_STOCK": "1"}


def without_fork_server(environment: Environment) -> Environment:
    return environment | {"LOADSTACK_FORK_SERVER": "0"}


def variant(environment: Environment) -> Environment:
    """With the settings of ``VARIANT=``, to compare two settings of the engine in one run."""
    return environment | variant_settings()


def variant_settings() -> Environment:
    """Of ``VARIANT=NAME=VALUE,NAME=VALUE``.

    Raises:
        UsageError: it has none, or a word that is none.
    """
    words = [word.partition("=") for word in os.environ.get("VARIANT", "").split(",") if word]
    if not words or not all(name and equals for name, equals, _ in words):
        raise UsageError("CONTENDERS=variant wants its settings, e.g. VARIANT=LOADSTACK_FORK_SERVER=0,LS_LOG=info.")
    return {name: value for name, _, value in words}


class LocalStack:
    """An instance, with the sandbox's settings passed through ``adapt``."""

    def __init__(self, place: Place, adapt: Callable[[Environment], Environment]) -> None:
        self._engine = HostEngine(place.run, place.port, place.installation, adapt)
        self.port = place.port
        self.mark = self._engine.instance
        self._aws = Clients(self._engine.endpoint)
        self.clients: Clients | None = self._aws

    def start(self) -> None:
        try:
            self._engine.start()
            self._aws("dynamodb").list_tables()
        except SandboxError as error:
            raise ContenderError(str(error)) from error
        except BaseException:
            self.stop()
            raise

    def deploy(self) -> EmulatedStack:
        return create(self._aws)

    def terminate(self) -> None:
        with suppress(OSError, ValueError, KeyError):
            os.kill(json.loads((Path(self.mark) / "pid.json").read_text())["localstack"], signal.SIGTERM)

    def stop(self) -> None:
        self._engine.stop()
        self._aws.close()

    def cpu(self) -> usage.Cpu:
        return usage.cpu(self.mark, self.kind)

    def kind(self, command: Sequence[str]) -> Kind:
        return kind(command)


def kind(command: Sequence[str]) -> Kind:
    """LocalStack's own process and its supervisor, DynamoDB Local, and all else."""
    if dynamodb_local(command):
        return "dynamodb"
    ours = "localstack.runtime.main" in command or "sandbox.supervisor" in command
    return "emulator" if ours else "functions"
