"""Cold starts of a function with boto3 and Powertools: one after the other, then fifty at once.

The function, when it is reached, connects to a socket of ours and is held there, so that no environment serves twice.
A start lasts from the sent request until the handler's first line.
"""

import asyncio
import contextlib
import json
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks import archives
from benchmarks.errors import ContenderError
from benchmarks.http_client import Connection, request
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject, Values
from benchmarks.stack import function
from benchmarks.statistics import percentile

_NAME = "hold"
_ALONE = 9
_BURST = 50
_LIMIT_S = 20.0
_LONG_S = 10.0
_TIMEOUT_S = 120
_SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"


def measure(subject: Subject, alone: int = _ALONE, burst: int = _BURST) -> Measured:
    """Median of the starts one by one and of the burst, and how long the whole burst took; None where it was cut."""
    aws = subject.clients
    installed = subject.new_place(_NAME).installation.bench_packages, Path(sysconfig.get_path("purelib"))
    layer = archives.powertools_layer(*installed)
    published = aws("lambda").publish_layer_version(LayerName="powertools", Content={"ZipFile": layer})
    with function(aws, _NAME, (published["LayerVersionArn"],), _TIMEOUT_S):
        return asyncio.run(_starts(subject.instance.port, alone, burst))


async def _starts(port: int, alone: int, burst: int) -> Measured:
    async with _listening() as held:
        first = await held.start(port, 1, _LIMIT_S)  # tells a fork server what to import
        one_by_one = [(await held.start(port, 1, _LIMIT_S))[0] for _ in range(alone)]
        together = await held.start(port, burst, _LIMIT_S, at_least=1)
    values: Values = {
        "first_ms": first[0],
        "alone_p50_ms": percentile(one_by_one, 50),
        "burst_p50_ms": percentile(together, 50) if len(together) == burst else None,
        "burst_s": together[-1] / 1000 if len(together) == burst else None,
        "burst_started": len(together),
    }
    cut = len(together) < burst
    notes = [f"{len(together)} of {burst} started within {_LIMIT_S:.0f} s"] if cut else []
    return Measured(values, notes, once=cut or together[-1] > _LONG_S * 1000)


class _Held:
    """Invocations that are held at the handler's first line."""

    def __init__(self, socket: str) -> None:
        self._payload = json.dumps({"socket": socket}).encode()
        self._arrivals: asyncio.Queue[float] = asyncio.Queue()
        self._lines: list[asyncio.StreamWriter] = []
        self._connections: list[Connection] = []
        self._answers: list[asyncio.Task[int]] = []
        self._over = False

    def arrived(self, _: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        """A handler has connected."""
        self._arrivals.put_nowait(time.perf_counter())
        self._lines.append(line)
        if self._over:
            line.close()

    async def start(self, port: int, count: int, limit_s: float, at_least: int | None = None) -> list[float]:
        """Invoke so many at once; the milliseconds until each was reached, in order, of those reached in time.

        Raises:
            ContenderError: fewer than ``at_least`` (by default all) were.
        """
        connections = [await Connection.open(port) for _ in range(count)]
        self._connections += connections
        invocation = request("POST", f"/2015-03-31/functions/{_NAME}/invocations", self._payload, Authorization=_SIGNED)
        sent = time.perf_counter()
        self._answers += [asyncio.create_task(each.exchange(invocation)) for each in connections]
        reached: list[float] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while len(reached) < count:
                    reached.append((await self._arrivals.get() - sent) * 1000)
        if len(reached) < (count if at_least is None else at_least):
            raise ContenderError(f"{len(reached)} of {count} cold starts within {limit_s:.0f} s")
        return reached

    async def release(self) -> None:
        """Let all go that are held or still to come, and wait for their answers, for a while."""
        self._over = True
        for line in self._lines:
            line.close()
        await asyncio.wait(self._answers, timeout=_LIMIT_S)
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        for connection in self._connections:
            connection.close()


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[_Held]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as folder:  # a function sees no /tmp but its own
        path = str(Path(folder) / "held")
        held = _Held(path)
        server = await asyncio.start_unix_server(held.arrived, path, backlog=128)
        try:
            yield held
        finally:
            await held.release()
            server.close()


SCENARIO = Scenario(
    "cold", "Cold starts of a function with boto3 and Powertools", (Cell("cold", measure),), needs_stack=False
)
