"""Load models: a loop of so many connections, and a constant rate."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from benchmarks.http_client import Connection

# What is not answered so long after the end of a cell counts as failed.
_PATIENCE_S = 20.0

Requests = Callable[[], bytes]


@dataclass
class Load:
    """What a load run saw.

    Attributes:
        started: Unix time of the first request.
        seconds: how long requests were sent.
        answered: requests answered with a 2xx until then.
        late: those answered with a 2xx after it.
        latencies_ms: of all of these, in the order of their answers.
        failures: other answers and broken connections, by what happened.
        cpu_s: CPU time of this process meanwhile.
    """

    started: float = 0.0
    seconds: float = 0.0
    answered: int = 0
    late: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    cpu_s: float = 0.0

    @property
    def accepted(self) -> int:
        return self.answered + self.late


def closed_loop(port: int, requests: Requests, connections: int, seconds: float) -> Load:
    """So many connections, each with the next request as soon as the last is answered."""

    async def users(load: Load, end: float) -> None:
        await asyncio.gather(*(_user(load, port, requests, end) for _ in range(connections)))

    return _run(users, seconds)


def constant_rate(port: int, requests: Requests, rate: float, seconds: float) -> Load:
    """Requests at fixed times, whatever the answers take; latencies run from the time at which each was due."""

    async def arrivals(load: Load, end: float) -> None:
        idle: list[Connection] = []
        begin = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(rate * seconds)):
                due = begin + number / rate
                await asyncio.sleep(due - time.perf_counter())
                tasks.create_task(_arrival(load, port, requests(), idle, due, end))
        for connection in idle:
            connection.close()

    return _run(arrivals, seconds)


def _run(model: Callable[[Load, float], Coroutine[None, None, None]], seconds: float) -> Load:
    load = Load(started=time.time(), seconds=seconds)
    cpu = time.process_time()

    async def bounded() -> None:
        try:
            await asyncio.wait_for(model(load, time.perf_counter() + seconds), seconds + _PATIENCE_S)
        except TimeoutError:
            load.failures[f"no answer within {_PATIENCE_S:.0f} s after the end"] += 1

    asyncio.run(bounded())
    load.cpu_s = time.process_time() - cpu
    return load


async def _user(load: Load, port: int, requests: Requests, end: float) -> None:
    connection = await Connection.open(port)
    while (sent := time.perf_counter()) < end:
        if not await _exchange(load, connection, requests(), sent, end):
            connection = await Connection.open(port)
    connection.close()


async def _arrival(load: Load, port: int, request: bytes, idle: list[Connection], due: float, end: float) -> None:
    connection = idle.pop() if idle else await Connection.open(port)
    if await _exchange(load, connection, request, due, end):
        idle.append(connection)


async def _exchange(load: Load, connection: Connection, request: bytes, sent: float, end: float) -> bool:
    """One request, counted; whether the connection can be used again."""
    try:
        status = await connection.exchange(request)
    except ConnectionError as error:
        load.failures[f"connection: {error}"] += 1
        return False
    now = time.perf_counter()
    if status >= 300:
        load.failures[f"status {status}"] += 1
        return True
    load.latencies_ms.append((now - sent) * 1000)
    if now <= end:
        load.answered += 1
    else:
        load.late += 1
    return True
