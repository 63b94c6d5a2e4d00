"""The ways to start a function process: a fork of one that has imported the libraries, and a fresh interpreter."""

import logging
import subprocess
import threading
from collections.abc import Hashable

from loadstack_engine.fork_servers import RUNTIME, ForkServer, ForkServerError
from loadstack_engine.function_process import Launch, Spawned
from loadstack_engine.settings import SETTINGS
from loadstack_engine.shared_parents import PARENTS

LOG = logging.getLogger(__name__)

# A fork server costs a version some megabytes: less than this is not worth them.
_WORTH_MS = 10.0


class FreshInterpreter:
    """Starts an interpreter for each process."""

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`."""
        process = subprocess.Popen(
            [launch.python, str(RUNTIME / "_loadstack_runtime.py"), str(channel), str(lifeline)],
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


class VersionSpawner:
    """How the processes of one function version start.

    They fork from the parent that the version shares with others. Where the first one turns out to have imported
    libraries beyond that parent's, which take a while, the next ones fork from a fork of it that has them too. Where
    the function's own modules stand in front of the shared ones, the first one is a fresh interpreter, and the next
    ones fork from one that has the libraries which the first one showed. Where forks are not sound, all are fresh
    interpreters. Thread-safe.
    """

    def __init__(self) -> None:
        self._fresh = FreshInterpreter()
        self._own: ForkServer | None = None
        self._lock = threading.Lock()
        self._learned = not SETTINGS.fork_server
        self._closed = False

    def prepare(self, launch: Launch) -> None:
        """Start in the background what the first process will fork from."""
        if SETTINGS.fork_server:
            PARENTS.prepare(launch, self)

    def spawn(self, launch: Launch, channel: int, lifeline: int, output: int) -> Spawned:
        """See :class:`~loadstack_engine.function_process.Spawner`.

        Raises:
            ForkServerError: try again, with descriptors of its own for the other attempt.
        """
        server = self._server(launch)
        if server is None:
            return self._fresh.spawn(launch, channel, lifeline, output)
        try:
            return server.spawn(launch, channel, lifeline, output)
        except ForkServerError:
            # A late fork may have these descriptors: the caller tries again with others.
            self._drop(server)
            raise

    def learn(self, launch: Launch, modules: list[str]) -> None:
        """Told of every process that initialised, and which libraries it had to import; the first call counts."""
        with self._lock:
            if self._learned or self._closed:
                return
            self._learned = True
        if modules:
            threading.Thread(target=self._grow, args=(launch, modules), daemon=True, name="fork-server").start()

    def forget(self, libraries: bool) -> None:
        """The code changed: what its next process imports is to be learnt anew; ``libraries``: so did the layers."""
        with self._lock:
            server, self._own = self._own, None
            self._learned = not SETTINGS.fork_server
        if server is not None:
            server.close()
        if libraries:
            PARENTS.renew(self)

    def close(self) -> None:
        """No process of this version will be started any more."""
        with self._lock:
            self._closed = True
            server, self._own = self._own, None
        if server is not None:
            server.close()
        PARENTS.release(self)

    def _server(self, launch: Launch) -> ForkServer | None:
        own = self._own
        if own is not None and own.suits(launch):
            return own
        return self._shared(launch)

    def _shared(self, launch: Launch) -> ForkServer | None:
        if not SETTINGS.fork_server or self._closed:
            return None
        shared = PARENTS.find(launch, self)
        if self._closed:
            PARENTS.release(self)
        return None if shared is None or shared.shadowed_by(launch.code) else shared

    def _grow(self, launch: Launch, modules: list[str]) -> None:
        try:
            shared = self._shared(launch)
            server = ForkServer.start(launch) if shared is None else shared.grow(launch)
        except OSError as error:
            LOG.warning("No fork server for %s: %s", launch.code, error)
            return
        try:
            server.preload(modules)
            useful = server.fit and (shared is None or server.import_ms > _WORTH_MS)
        except ForkServerError as error:
            LOG.warning("%s: the libraries of %s are imported at every start", error, launch.code)
            useful = False
        with self._lock:
            if useful and not self._closed:
                self._own = server
                return
        server.close()

    def _drop(self, server: ForkServer) -> None:
        """The next process makes another one: a version's own when it has initialised."""
        with self._lock:
            own = self._own is server
            if own:
                self._own = None
                self._learned = False
        if own:
            server.close()
        else:
            PARENTS.drop(server)


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
