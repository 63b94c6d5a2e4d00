"""How many execution environments start at once, and who waits.

Stock LocalStack starts an environment for every invocation that finds none idle. On a machine with two processors a
burst then starts dozens, which starve the few that could serve, until all time out.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loadstack_engine.settings import SETTINGS


class PoolClosedError(Exception):
    """The function version was stopped while an invocation waited for an environment of it."""


@dataclass
class _Waiter:
    """Who waits: for an environment of ``pool``, or for a turn, whichever is first; ``pool`` None wants a turn only."""

    pool: str | None
    served: threading.Event = field(default_factory=threading.Event)
    environment: Any = None
    closed: bool = False


class StartGate:
    """Deals out the turns to start, and the environments that become free. First come, first served. Thread-safe."""

    def __init__(self, parallel_starts: int) -> None:
        self._lock = threading.Lock()
        self._turns = parallel_starts
        self._waiting: deque[_Waiter] = deque()

    def enter(self, pool: str | None, idle: Callable[[], Any] = lambda: None) -> Any:
        """An environment of this pool, reserved for the caller, or None: it is the caller's turn to start one.

        Blocks until either is there. ``idle`` reserves an idle environment if there is one. Who gets a turn calls
        :meth:`started` when the start is over, however it went.

        Raises:
            PoolClosedError: the pool was closed meanwhile.
        """
        waiter = _Waiter(pool)
        with self._lock:
            if (environment := idle()) is not None:
                return environment
            if self._turns > 0:
                self._turns -= 1
                return None
            self._waiting.append(waiter)
        waiter.served.wait()
        if waiter.closed:
            raise PoolClosedError(pool)
        return waiter.environment

    def started(self) -> None:
        """A turn is over: the longest waiting gets it."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().served.set()
            else:
                self._turns += 1

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it within."""
        self.enter(None)
        try:
            yield
        finally:
            self.started()

    def give_back(self, pool: str, environment: Any, release: Callable[[], None]) -> None:
        """Hand a reserved environment to whoever waits for one of this pool, or else ``release`` it."""
        with self._lock:
            waiter = next((each for each in self._waiting if each.pool == pool), None)
            if waiter is None:
                release()
                return
            self._waiting.remove(waiter)
            waiter.environment = environment
            waiter.served.set()

    def close(self, pool: str) -> None:
        """Turn away all who wait for this pool."""
        with self._lock:
            for waiter in [each for each in self._waiting if each.pool == pool]:
                self._waiting.remove(waiter)
                waiter.closed = True
                waiter.served.set()


GATE = StartGate(SETTINGS.parallel_starts)
