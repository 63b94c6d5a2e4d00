"""The two ways to start a function process: a fresh interpreter, and a fork of one that has imported the libraries."""

import json
import logging
import os
import select
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Hashable
from pathlib import Path

from loadstack_engine.function_process import Launch, Spawned
from loadstack_engine.runtime._loadstack_channel import Channel, ChannelClosedError
from loadstack_engine.settings import SETTINGS

LOG = logging.getLogger(__name__)

_RUNTIME = Path(__file__).parent / "runtime"
_ANSWER_LIMIT_S = 10.0
_STATUS_BYTES = 4


class FreshInterpreter:
    """Starts an interpreter for each process."""

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`."""
        process = subprocess.Popen(
            [launch.python, str(_RUNTIME / "_loadstack_runtime.py"), str(channel), str(lifeline)],
            cwd=launch.code,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(channel, lifeline),
            start_new_session=True,
        )
        return _Child(process)


class _Child:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def wait(self, timeout_s: float) -> int | None:
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """Nothing is held beside the process."""


class ForkServerError(OSError):
    """The fork server died or does not answer; another one may be started."""


class ForkServer:
    """One version's fork server: see :mod:`loadstack_engine.runtime.fork_server`. Thread-safe."""

    def __init__(self, launch: Launch) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._process = subprocess.Popen(
                [launch.python, str(_RUNTIME / "fork_server.py"), str(theirs.fileno())],
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
        finally:
            theirs.close()
        ours.settimeout(_ANSWER_LIMIT_S)
        self._channel = Channel(ours)
        self._lock = threading.Lock()

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`. Raises ForkServerError."""
        status_read, status_write = os.pipe()
        try:
            descriptors = (channel, lifeline, output, status_write)
            answer = self._ask("fork", json.dumps(launch.environment).encode(), descriptors)
        except ForkServerError:
            os.close(status_read)
            raise
        finally:
            os.close(status_write)
        pid = answer["pid"]
        assert isinstance(pid, int)
        return _Fork(pid, status_read)

    def preload(self, modules: list[str]) -> bool:
        """Import these before the next fork; False where forks would not be sound. Raises ForkServerError."""
        return bool(self._ask("preload", json.dumps(modules).encode())["fit"])

    def close(self) -> None:
        """End it; processes that it started live on."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def _ask(self, kind: str, body: bytes, descriptors: tuple[int, ...] = ()) -> dict[str, object]:
        try:
            with self._lock:
                self._channel.send(kind, body, descriptors)
                return self._channel.receive().fields
        except (ChannelClosedError, OSError) as error:
            raise ForkServerError(f"the fork server does not answer: {error}") from error


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


class VersionSpawner:
    """How the processes of one function version start.

    The first one shows which libraries the version uses. From then on a fork server has them imported; where that is
    not sound, or the fork server is gone, a fresh interpreter serves. Thread-safe.
    """

    def __init__(self) -> None:
        self._fresh = FreshInterpreter()
        self._server: ForkServer | None = None
        self._lock = threading.Lock()
        self._learned = False
        self._closed = False

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`.

        Raises:
            ForkServerError: try again, with descriptors of its own for the other attempt.
        """
        server = self._server
        if server is None:
            return self._fresh.spawn(launch, channel, lifeline, output)
        try:
            return server.spawn(launch, channel, lifeline, output)
        except ForkServerError:
            # A late fork may have these descriptors: the caller tries again with others.
            self._drop(server)
            raise

    def learn(self, launch: Launch, modules: list[str]) -> None:
        """Told of every process that initialised; the first call makes the fork server, in the background."""
        with self._lock:
            if not SETTINGS.fork_server or self._learned:
                return
            self._learned = True
        threading.Thread(target=self._start, args=(launch, modules), daemon=True, name="fork-server").start()

    def close(self) -> None:
        """No process of this version will be started any more."""
        with self._lock:
            self._closed = True
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _start(self, launch: Launch, modules: list[str]) -> None:
        try:
            server = ForkServer(launch)
        except OSError as error:
            LOG.warning("No fork server for %s: %s", launch.code, error)
            return
        try:
            fit = server.preload(modules)
        except ForkServerError as error:
            LOG.warning("%s: every environment of %s gets a fresh interpreter", error, launch.code)
            fit = False
        with self._lock:
            if fit and not self._closed:
                self._server = server
                return
        server.close()

    def _drop(self, server: ForkServer) -> None:
        """The next process that initialises makes another one."""
        with self._lock:
            if self._server is not server:
                return
            self._server = None
            self._learned = False
        server.close()


class VersionSpawners:
    """The spawners of the function versions that are deployed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spawners: dict[Hashable, VersionSpawner] = {}

    def of(self, version: Hashable) -> VersionSpawner:
        with self._lock:
            return self._spawners.setdefault(version, VersionSpawner())

    def close(self, version: Hashable) -> None:
        with self._lock:
            spawner = self._spawners.pop(version, None)
        if spawner is not None:
            spawner.close()


SPAWNERS = VersionSpawners()
