"""The execution environments of all function versions: which serves an invocation, how many there are, when one ends.

Stock LocalStack starts an environment for every invocation that finds none idle. On a machine with two processors a
burst then starts dozens, which starve the few that could serve, until all time out.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from localstack import config

from loadstack_engine.settings import SETTINGS

# A start that takes longer mostly waits (for a socket, for its turn on a processor): it holds up nobody else's.
_TURN_S = 1.0


class NoRoomError(Exception):
    """Every place is taken by an invocation that runs, or by provisioned concurrency."""


class NoTurnError(Exception):
    """Neither an environment nor a turn to start one came in time."""


class PoolClosedError(Exception):
    """The function version was stopped."""


@dataclass
class _Pool:
    """The environments of one version. ``idle`` has the one that was used last at its end.

    ``provisioned`` are the idle ones of those; ``retired`` are busy and will not come back.
    """

    idle: list[Any] = field(default_factory=list)
    provisioned: list[Any] = field(default_factory=list)
    retired: list[Any] = field(default_factory=list)
    busy: int = 0


@dataclass
class _Waiter:
    """Who waits: for an environment of ``pool``, or for a turn, whichever is first; ``pool`` None wants a turn only."""

    pool: str | None
    served: threading.Event = field(default_factory=threading.Event)
    environment: Any = None
    turn: object | None = None


class EnvironmentPools:
    """Pools by name. Thread-safe.

    At most ``limit`` environments are there at once: every on-demand invocation, from :meth:`acquire` to
    :meth:`release`, has a place, and so has every provisioned environment. The idle ones have what is left: the one
    that was idle longest is ended when its place is wanted, or after ``keep_alive_s``.

    At most ``parallel_starts`` start at once, first come, first served, but a start keeps its turn for no longer than a
    second. Who waits for a turn takes an environment of its pool that becomes idle meanwhile. ``stop`` ends one.
    """

    def __init__(self, limit: int, parallel_starts: int, keep_alive_s: float, stop: Callable[[Any], None]) -> None:
        self._limit = limit
        self._parallel_starts = parallel_starts
        self._keep_alive_s = keep_alive_s
        self._stop = stop
        self._lock = threading.Lock()
        self._pools: dict[str, _Pool] = {}
        self._idle: OrderedDict[int, tuple[str, Any, float]] = OrderedDict()  # the longest idle first
        self._invocations = 0
        self._provisioned = 0
        self._turns: dict[object, float] = {}
        self._waiting: deque[_Waiter] = deque()

    def open(self, pool: str) -> None:
        """A pool of no environments yet."""
        with self._lock:
            self._pools[pool] = _Pool()

    def acquire(self, pool: str, start: Callable[[], Any], wait_s: float) -> Any:
        """An environment of this pool for one invocation: an idle one, or what ``start`` returns.

        Raises:
            NoRoomError: at once.
            NoTurnError: after ``wait_s``.
            PoolClosedError: at once, or while it waits.
            Exception: what ``start`` raises.
        """
        with self._lock:
            own = self._open_pool(pool)
            if self._invocations + self._provisioned >= self._limit:
                raise NoRoomError(f"{self._limit} execution environments are in use")
            self._invocations += 1
            own.busy += 1
            if own.idle:
                environment = own.idle.pop()
                del self._idle[id(environment)]
                return environment
            waiter = self._enqueue(pool)
        try:
            return self._wait(waiter, wait_s) or self._start(waiter.turn, start)
        except BaseException:
            self._leave(pool)
            raise

    def release(self, pool: str, environment: Any) -> None:
        """Its invocation is over: the next one may have it. Of a closed pool, it ends."""
        with self._lock:
            if (own := self._pools.get(pool)) is not None:
                self._invocations -= 1
                own.busy -= 1
                waiter = next((each for each in self._waiting if each.pool == pool), None)
                if waiter is not None:
                    self._waiting.remove(waiter)
                    waiter.environment = environment
                    waiter.served.set()
                else:
                    own.idle.append(environment)
                    self._idle[id(environment)] = (pool, environment, time.monotonic())
                return
            self._invocations -= 1
        self._stop(environment)

    def discard(self, pool: str, environment: Any) -> None:
        """Its invocation is over, and it is of no more use."""
        self._leave(pool)
        self._stop(environment)

    def close(self, pool: str) -> None:
        """Turn away who waits for this pool, end what is idle; what is busy ends when it is released."""
        with self._lock:
            own = self._pools.pop(pool, None)
            if own is None:
                return
            for environment in own.idle:
                del self._idle[id(environment)]
            self._provisioned -= len(own.provisioned)
            for waiter in [each for each in self._waiting if each.pool == pool]:
                self._waiting.remove(waiter)
                waiter.served.set()
        for environment in own.idle + own.provisioned:
            self._stop(environment)

    @contextmanager
    def turn(self, wait_s: float) -> Iterator[None]:
        """Wait for a turn, and have it within. Raises NoTurnError."""
        with self._lock:
            waiter = self._enqueue(None)
        self._wait(waiter, wait_s)
        try:
            yield
        finally:
            self._end_turn(waiter.turn)

    def reserve_provisioned(self, pool: str, count: int) -> None:
        """Places for environments that are about to start. Raises NoRoomError, PoolClosedError."""
        with self._lock:
            self._open_pool(pool)
            if self._invocations + self._provisioned + count > self._limit:
                raise NoRoomError(f"{count} more than {self._limit} execution environments")
            self._provisioned += count
            ended = self._make_room()
        for environment in ended:
            self._stop(environment)

    def give_up_provisioned(self, environment: Any = None) -> None:
        """A place that :meth:`reserve_provisioned` gave is free; its environment, if it came to be, ends."""
        with self._lock:
            self._provisioned -= 1
        if environment is not None:
            self._stop(environment)

    def add_provisioned(self, pool: str, environment: Any) -> None:
        """One that has a place is idle. If it was retired, or its pool closed, it ends."""
        with self._lock:
            own = self._pools.get(pool)
            if own is not None and environment not in own.retired:
                own.provisioned.append(environment)
                return
            if own is not None:
                own.retired.remove(environment)
        self.give_up_provisioned(environment)

    def take_provisioned(self, pool: str) -> Any:
        """An idle provisioned environment, or None. It goes back through :meth:`add_provisioned`."""
        with self._lock:
            own = self._pools.get(pool)
            return own.provisioned.pop() if own is not None and own.provisioned else None

    def retire_provisioned(self, pool: str, environment: Any) -> None:
        """End it, at once or when its invocation is over."""
        with self._lock:
            own = self._pools.get(pool)
            if own is None:
                return
            if environment not in own.provisioned:
                own.retired.append(environment)
                return
            own.provisioned.remove(environment)
        self.give_up_provisioned(environment)

    def sweep(self) -> float:
        """End those whose keep-alive has passed; returns the seconds until the next one's will."""
        now = time.monotonic()
        with self._lock:
            ended = []
            while self._idle:
                _, _, since = next(iter(self._idle.values()))
                if since + self._keep_alive_s > now:
                    break
                ended.append(self._take_oldest_idle())
            wait_s = self._keep_alive_s if not self._idle else since + self._keep_alive_s - now
        for environment in ended:
            self._stop(environment)
        return max(wait_s, 0.01)

    def counts(self) -> dict[str, tuple[int, int]]:
        """By pool, how many environments are idle (provisioned ones too), and how many invocations have a place."""
        with self._lock:
            return {name: (len(pool.idle) + len(pool.provisioned), pool.busy) for name, pool in self._pools.items()}

    def _open_pool(self, pool: str) -> _Pool:
        try:
            return self._pools[pool]
        except KeyError:
            raise PoolClosedError(pool) from None

    def _leave(self, pool: str) -> None:
        with self._lock:
            self._invocations -= 1
            if (own := self._pools.get(pool)) is not None:
                own.busy -= 1

    def _start(self, turn: object, start: Callable[[], Any]) -> Any:
        try:
            with self._lock:
                ended = self._make_room()
            for environment in ended:
                self._stop(environment)
            return start()
        finally:
            self._end_turn(turn)

    def _make_room(self) -> list[Any]:
        """What has to end for the places that are taken."""
        ended = []
        while self._idle and self._invocations + self._provisioned + len(self._idle) > self._limit:
            ended.append(self._take_oldest_idle())
        return ended

    def _take_oldest_idle(self) -> Any:
        _, (pool, environment, _) = self._idle.popitem(last=False)
        self._pools[pool].idle.remove(environment)
        return environment

    def _enqueue(self, pool: str | None) -> _Waiter:
        waiter = _Waiter(pool)
        self._waiting.append(waiter)
        self._deal()
        return waiter

    def _wait(self, waiter: _Waiter, wait_s: float) -> Any:
        """The environment that was handed over, or None: the waiter has a turn."""
        deadline = time.monotonic() + wait_s
        while not waiter.served.is_set():
            with self._lock:
                self._deal()
                now = time.monotonic()
                if now > deadline and not waiter.served.is_set():
                    self._waiting.remove(waiter)
                    raise NoTurnError(f"no execution environment could start within {wait_s:.0f} s")
                lapses = [since + _TURN_S for since in self._turns.values() if since + _TURN_S > now]
            waiter.served.wait(max(0.001, min([deadline, *lapses]) - now))
        if waiter.environment is None and waiter.turn is None:
            raise PoolClosedError(waiter.pool)
        return waiter.environment

    def _deal(self) -> None:
        """Turns to those that wait longest, as many as there are."""
        now = time.monotonic()
        taken = sum(since + _TURN_S > now for since in self._turns.values())
        while self._waiting and taken < self._parallel_starts:
            waiter = self._waiting.popleft()
            waiter.turn = object()
            self._turns[waiter.turn] = now
            waiter.served.set()
            taken += 1

    def _end_turn(self, turn: object) -> None:
        with self._lock:
            del self._turns[turn]
            self._deal()


def _stop(environment: Any) -> None:
    environment.runtime_executor.stop()


POOLS = EnvironmentPools(SETTINGS.max_environments, SETTINGS.parallel_starts, config.LAMBDA_KEEPALIVE_MS / 1000, _stop)


def environments_by_function() -> dict[str, tuple[int, int]]:
    """Idle environments, and invocations with a place, of each function: a pool's name begins with ``function/``."""
    found: dict[str, tuple[int, int]] = {}
    for pool, (idle, busy) in POOLS.counts().items():
        name = pool.partition("/")[0]
        before = found.get(name, (0, 0))
        found[name] = (before[0] + idle, before[1] + busy)
    return found
