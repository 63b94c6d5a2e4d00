"""Fork servers that function versions share: one for each interpreter and import path, and rarely a second.

A second one is made where functions differ in an environment variable that a library reads when it is imported:
Powertools, for example, reads there whether the environment is a provisioned one.
"""

import logging
import threading
from collections.abc import Hashable
from dataclasses import replace

from loadstack_engine.fork_servers import READ_AT_START, RUNTIME, ForkServer
from loadstack_engine.function_process import Launch

LOG = logging.getLogger(__name__)

_WAIT_LIMIT_S = 30.0
# A library that reads what is each environment's own would have a parent for each.
_PARENTS_A_PATH = 4
# Of a function's variables, those that are the same for most; others are added where an import reads them.
_COMMON = frozenset(
    {
        "PATH",
        "LOADSTACK_INSTANCE",
        "LOADSTACK_KEEP_NO_BYTECODE",
        "LOADSTACK_SDK",
        "LOADSTACK_USAGE",
        "LOADSTACK_IAM",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
    }
)


class SharedParent:
    """A fork server, and the function versions that hold it. It starts in the background."""

    def __init__(self, launch: Launch) -> None:
        self.holders: set[Hashable] = set()
        self._launch = launch
        self._made = threading.Event()
        self._lock = threading.Lock()
        self._server: ForkServer | None = None
        self._closed = False
        threading.Thread(target=self._make, daemon=True, name="fork-server").start()

    def server(self) -> ForkServer | None:
        """Wait until it is there. None: there is none, because its libraries do not allow it, or it was closed."""
        self._made.wait(_WAIT_LIMIT_S)
        return self._server

    def has(self, server: ForkServer) -> bool:
        return self._server is server

    def close(self) -> None:
        with self._lock:
            self._closed = True
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _make(self) -> None:
        try:
            server = ForkServer.start(self._launch)
            with self._lock:
                self._server = server
                closed = self._closed
            if not closed:
                server.preload([], usual=True)
            if closed or not server.fit:
                self.close()
        except OSError as error:
            if not self._closed:
                LOG.warning("Fresh interpreters instead of forks of %s: %s", self._launch.python, error)
            self.close()
        finally:
            self._made.set()


class SharedParents:
    """The shared fork servers. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parents: dict[tuple[str, str], list[SharedParent]] = {}

    def prepare(self, launch: Launch, holder: Hashable) -> None:
        """Start the first one for this interpreter and path where there is none; ``holder`` keeps it alive."""
        with self._lock:
            parents = self._parents.setdefault(_path(launch), [])
            if not parents:
                parents.append(SharedParent(_base(launch, {})))
            parents[0].holders.add(holder)

    def find(self, launch: Launch, holder: Hashable) -> ForkServer | None:
        """The one that suits, made where there is none: then it blocks for the time of the imports.

        None where processes with this path cannot, or should not, be forked.
        """
        while True:
            with self._lock:
                parents = list(self._parents.setdefault(_path(launch), []))
            servers = {parent: server for parent in parents if (server := parent.server())}
            suitable = next((parent for parent, server in servers.items() if server.suits(launch)), None)
            with self._lock:
                current = self._parents.setdefault(_path(launch), [])
                if suitable in current:
                    suitable.holders.add(holder)
                    return servers[suitable]
                if current != parents:
                    continue
                if len(servers) < len(parents) or len(parents) == _PARENTS_A_PATH:
                    return None
                read = {name: value for each in servers.values() for name, value in each.variables_of(launch).items()}
                current.append(SharedParent(_base(launch, read)))

    def drop(self, server: ForkServer) -> None:
        """It died: the next who needs one makes another."""
        with self._lock:
            for parents in self._parents.values():
                parents[:] = [parent for parent in parents if not parent.has(server)]
        server.close()

    def renew(self, holder: Hashable) -> None:
        """The libraries changed on disk: the next who needs one of those that this holder has gets another."""
        with self._lock:
            old = [parent for parents in self._parents.values() for parent in parents if holder in parent.holders]
            for parents in self._parents.values():
                parents[:] = [parent for parent in parents if parent not in old]
        for parent in old:
            parent.close()

    def release(self, holder: Hashable) -> None:
        """This one needs none any more; the last holder's release ends the process."""
        unused: list[SharedParent] = []
        with self._lock:
            for path, parents in list(self._parents.items()):
                for parent in parents:
                    parent.holders.discard(holder)
                unused += [parent for parent in parents if not parent.holders]
                parents[:] = [parent for parent in parents if parent.holders]
                if not parents:
                    del self._parents[path]
        for parent in unused:
            parent.close()


def _path(launch: Launch) -> tuple[str, str]:
    return launch.python, launch.environment["PYTHONPATH"]


def _base(launch: Launch, read: dict[str, str]) -> Launch:
    common = {
        name: value for name, value in launch.environment.items() if name in _COMMON or name.startswith(READ_AT_START)
    }
    return replace(launch, code=RUNTIME, environment=common | read)


PARENTS = SharedParents()
