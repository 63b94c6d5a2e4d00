"""The load generator, against a small server."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from benchmarks.http_client import Connection, request
from benchmarks.load import closed_loop, constant_rate

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npong\r\n0\r\n\r\n"
REFUSED = b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"


class Server:
    """Answers every request with ``answer``, in pieces of ``piece`` bytes; closes after an answer if ``closes``."""

    def __init__(self, answer: bytes, piece: int, closes: bool) -> None:
        self._answer = answer
        self._piece = piece
        self._closes = closes
        self.port = 0
        self.connections = 0
        self.arrivals: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.arrivals.append(time.perf_counter())
                for start in range(0, len(self._answer), self._piece):
                    writer.write(self._answer[start : start + self._piece])
                    await writer.drain()
                    await asyncio.sleep(0)
                if self._closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@contextmanager
def serving(answer: bytes, piece: int = 4096, closes: bool = False) -> Iterator[Server]:
    server, ready, ended = Server(answer, piece, closes), threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
            server.port = listener.sockets[0].getsockname()[1]
            ready.set()
            await ended.wait()
            listener.close_clients()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join(10)


def test_request_has_its_length_and_headers() -> None:
    assert request("POST", "/x", b"body", Authorization="me").split(b"\r\n") == [
        b"POST /x HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Content-Length: 4",
        b"Content-Type: application/json",
        b"Authorization: me",
        b"",
        b"body",
    ]


@pytest.mark.parametrize(("answer", "status"), [(PLAIN, 200), (CHUNKED, 201)])
@pytest.mark.parametrize("piece", [1, 4096])
def test_connection_reads_an_answer_however_it_comes(answer: bytes, status: int, piece: int) -> None:
    async def twice(port: int) -> list[int]:
        connection = await Connection.open(port)
        statuses = [await connection.exchange(request("GET", "/")) for _ in range(2)]
        connection.close()
        return statuses

    with serving(answer, piece) as server:
        assert asyncio.run(twice(server.port)) == [status, status]


def test_closed_loop_keeps_its_connections_and_counts() -> None:
    with serving(PLAIN) as server:
        load = closed_loop(server.port, lambda: request("GET", "/"), connections=3, seconds=0.3)
    assert server.connections == 3
    assert load.failures == Counter()
    assert load.accepted == len(load.latencies_ms) == len(server.arrivals) > 3
    assert load.accepted - load.answered == load.late <= 3
    assert load.cpu_s > 0


def test_closed_loop_counts_what_was_refused_as_failed() -> None:
    with serving(REFUSED) as server:
        load = closed_loop(server.port, lambda: request("GET", "/"), connections=1, seconds=0.1)
    assert load.accepted == 0
    assert load.failures == Counter({"status 503": len(server.arrivals)})


def test_closed_loop_goes_on_after_a_closed_connection() -> None:
    with serving(PLAIN, closes=True) as server:
        load = closed_loop(server.port, lambda: request("GET", "/"), connections=1, seconds=0.2)
    assert server.connections > 2
    assert load.accepted == len(server.arrivals)


def test_constant_rate_sends_all_at_their_times() -> None:
    with serving(PLAIN) as server:
        load = constant_rate(server.port, lambda: request("GET", "/"), rate=50, seconds=0.4)
    assert load.accepted == len(server.arrivals) == 20
    assert server.arrivals[-1] - server.arrivals[0] >= 0.3
