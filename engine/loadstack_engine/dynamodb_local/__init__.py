"""DynamoDB Local from a folder that is there already, under a Java that is there already, on 127.0.0.1 only."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack.utils.threads import TMP_THREADS, FuncThread

from loadstack_engine.dynamodb_local.process import Process
from loadstack_engine.settings import SETTINGS

CLASSES = Path(__file__).parent
# The C1 compiler and the serial collector bring the first request about a second earlier, and save memory.
_JVM_OPTIONS = (
    "-XX:+IgnoreUnrecognizedVMOptions",  # LocalStack adds one on arm64 that Java 11 does not know
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Djava.net.preferIPv4Stack=true",
)


@dataclass(frozen=True)
class Archive:
    """What ``archive.py`` makes in a folder: DynamoDB Local and our classes in one jar, and their archive."""

    folder: Path

    @property
    def jar(self) -> Path:
        return self.folder / "dynamodb-local.jar"

    @property
    def archive(self) -> Path:
        return self.folder / "dynamodb-local.jsa"


def command(server: Any, folder: Path, archive: Archive | None = None) -> list[str]:
    """The command line for LocalStack's ``DynamodbServer``: its port and modes, our class path and main class."""
    libraries = folder / "DynamoDBLocal_lib"
    class_path = [folder / "DynamoDBLocal.jar", libraries / "*", CLASSES]
    shared = []
    if archive is not None and archive.jar.exists():
        class_path = [archive.jar, libraries / "*"]
        shared = [f"-XX:SharedArchiveFile={archive.archive}"] if archive.archive.exists() else []
    storage = ["-inMemory"] if server.in_memory else ["-dbPath", server.db_path]
    modes = {
        "-delayTransientStatuses": server.delay_transient_statuses,
        "-optimizeDbBeforeStartup": server.optimize_db_before_startup,
        "-sharedDb": server.share_db,
    }
    return [
        SETTINGS.java,
        *_JVM_OPTIONS,
        *shared,
        *server._get_java_vm_options(),
        f"-Xmx{server.heap_size}",
        f"-Djava.io.tmpdir={tempfile.gettempdir()}",
        f"-Djava.library.path={libraries}",
        "-Dloadstack.orders=true",
        "-cp",
        os.pathsep.join(map(str, class_path)),
        "LoopbackServer",
        *("-port", str(server.port)),
        *storage,
        *(option for option, on in modes.items() if on),
        "-disableTelemetry",
    ]


def direct_endpoint() -> str | None:
    """The address of DynamoDB Local itself, for functions that go there without LocalStack between.

    None unless LocalStack's second provider runs it with one database for all (``PROVIDER_OVERRIDE_DYNAMODB=v2``,
    ``DYNAMODB_SHARE_DB=1``): with the first one tables are kept apart by account and region in LocalStack itself, and
    their streams miss what did not pass through it.
    """
    from localstack.services.dynamodb.server import DynamodbServer

    if SETTINGS.dynamodb_direct and os.environ.get("PROVIDER_OVERRIDE_DYNAMODB") == "v2":
        server = DynamodbServer.get()
        if server.share_db and server.is_running():
            return f"http://127.0.0.1:{server.port}"
    return None


_PROCESSES: list[Process] = []


def process() -> Process | None:
    """The one that was started last; None where it was not started by us."""
    return _PROCESSES[-1] if _PROCESSES else None


def _command(server: Any, folder: Path) -> list[str]:
    archives = SETTINGS.dynamodb_archive
    return command(server, folder, Archive(archives) if archives else None)


def _start(server: Any, folder: Path) -> FuncThread:
    if SETTINGS.dynamodb_data and not server.in_memory:
        SETTINGS.dynamodb_data.mkdir(parents=True, exist_ok=True)
        server.db_path = str(SETTINGS.dynamodb_data)
    started = Process(_command(server, folder), loses_data=server.in_memory)
    _PROCESSES[:] = [started]
    thread = FuncThread(started.run, on_stop=started.stop, name="dynamodb-local")
    TMP_THREADS.append(thread)
    thread.start()
    return thread


def use(folder: Path) -> None:
    """Make LocalStack start what lies in ``folder`` instead of downloading DynamoDB Local and a Java of its own."""
    from localstack.services.dynamodb.packages import DynamoDBLocalPackageInstaller
    from localstack.services.dynamodb.server import DynamodbServer

    DynamodbServer._create_shell_command = lambda self: _command(self, folder)
    DynamodbServer.do_start_thread = lambda self: _start(self, folder)
    DynamoDBLocalPackageInstaller.install = lambda self, *args, **kwargs: None
    DynamoDBLocalPackageInstaller.get_java_env_vars = lambda self: {}
