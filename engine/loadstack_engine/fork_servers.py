"""The parents that function processes fork from, as LocalStack sees them: see :mod:`.runtime.fork_server`."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from loadstack_engine.function_process import Launch, Spawned
from loadstack_engine.runtime._loadstack_channel import Channel, ChannelClosedError

RUNTIME = Path(__file__).parent / "runtime"

# The imports of a parent on a busy machine take seconds; a fork takes milliseconds.
_ANSWER_LIMIT_S = 30.0
_STATUS_BYTES = 4
# Read by the interpreter or the C library when it starts, by every conversion of a time, or (format and level of logs)
# by AWS's runtime client when it is imported.
READ_AT_START = (
    "PYTHON",
    "LD_",
    "LC_",
    "LANG",
    "TZ",
    "MALLOC_",
    "GLIBC_",
    "OPENSSL_",
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_LEVEL",
)


class ForkServerError(OSError):
    """The fork server died or does not answer; another one may be started."""


class ForkServer:
    """A fork server that runs, and what it has imported. Thread-safe.

    Attributes:
        fit: whether forks of it are sound.
        import_ms: how long its imports took.
    """

    def __init__(self, sock: socket.socket, environment: dict[str, str], end: Callable[[], None]) -> None:
        sock.settimeout(_ANSWER_LIMIT_S)
        self._channel = Channel(sock)
        self._end = end
        self._lock = threading.Lock()
        self._variables: dict[str, str | None] = {
            name: value for name, value in environment.items() if name.startswith(READ_AT_START)
        }
        self._names: frozenset[str] = frozenset()
        self.fit = True
        self.import_ms = 0.0

    @classmethod
    def start(cls, launch: Launch) -> Self:
        """An interpreter of its own with these variables. Raises OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            try:
                process = subprocess.Popen(
                    [launch.python, str(RUNTIME / "fork_server.py"), str(theirs.fileno())],
                    cwd=launch.code,
                    env=launch.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError:
                ours.close()
                raise

        def end() -> None:
            process.kill()
            process.wait()

        return cls(ours, launch.environment, end)

    def grow(self, launch: Launch) -> Self:
        """A fork of this one as a fork server of its own, with these variables. Raises ForkServerError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            try:
                self._ask("grow", _start(launch), (theirs.fileno(),))
            except ForkServerError:
                ours.close()
                raise
        return type(self)(ours, launch.environment, lambda: None)  # it ends when its socket closes

    def preload(self, modules: list[str], usual: bool = False) -> None:
        """Import these, and the ``usual`` ones, before the next fork. Raises ForkServerError."""
        told = self._ask("preload", json.dumps(modules).encode(), usual=usual)
        self.fit = told["fit"]
        self.import_ms = told["import_ms"]
        self._variables |= told["variables"]
        self._names = frozenset(told["names"])

    def suits(self, launch: Launch) -> bool:
        """Whether its imports saw the variables that this process is to have."""
        theirs = launch.environment
        started = {name for name in theirs if name.startswith(READ_AT_START)}
        return all(self._variables.get(name) == theirs.get(name) for name in self._variables.keys() | started)

    def shadowed_by(self, code: Path) -> bool:
        """Whether modules of this folder would stand in front of some that it has imported."""
        return any(entry.name.partition(".")[0] in self._names for entry in os.scandir(code))

    def variables_of(self, launch: Launch) -> dict[str, str]:
        """Those of the launch that the imports read."""
        return {name: value for name, value in launch.environment.items() if name in self._variables}

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`. Raises ForkServerError."""
        status_read, status_write = os.pipe()
        try:
            answer = self._ask("fork", _start(launch), (channel, lifeline, output, status_write))
        except ForkServerError:
            os.close(status_read)
            raise
        finally:
            os.close(status_write)
        return _Fork(answer["pid"], status_read)

    def close(self) -> None:
        """End it; processes that it started live on."""
        self._end()
        self._channel.shut_down()  # whoever waits for an answer hears of it
        with self._lock:
            self._channel.close()

    def _ask(self, kind: str, body: bytes, descriptors: tuple[int, ...] = (), **fields: object) -> dict[str, Any]:
        try:
            with self._lock:
                self._channel.send(kind, body, descriptors, **fields)
                return self._channel.receive().fields
        except (ChannelClosedError, OSError) as error:
            raise ForkServerError(f"the fork server does not answer: {error}") from error


def _start(launch: Launch) -> bytes:
    return json.dumps({"environment": launch.environment, "code": str(launch.code)}).encode()


class _Fork:
    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self._status = status
        self._known: int | None = None

    def wait(self, timeout_s: float) -> int | None:
        poller = select.poll()
        poller.register(self._status, select.POLLIN)
        if self._known is None and poller.poll(timeout_s * 1000):
            content = os.read(self._status, _STATUS_BYTES)
            # Nothing: the fork server died before it could tell.
            self._known = struct.unpack("!i", content)[0] if content else -signal.SIGKILL
        return self._known

    def close(self) -> None:
        os.close(self._status)
