"""The load generator, against a small server."""

import asyncio
import socketserver
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

# A busy machine may stop a process for seconds.
LONGER_THAN_A_PAUSE_S = 6


class Server(socketserver.ThreadingTCPServer):
    """Answers every request with ``answer``, in pieces of ``piece`` bytes, ``takes_s`` after it came; closes after an
    answer if ``closes``.
    """

    request_queue_size = 128

    def __init__(self, answer: bytes, piece: int, closes: bool, takes_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.port: int = self.server_address[1]
        self.pieces = [answer[start : start + piece] for start in range(0, len(answer), piece)]
        self.closes = closes
        self.takes_s = takes_s
        self.connections = 0
        self.arrivals: list[float] = []


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections += 1
        with suppress(ConnectionError):
            while self._has_request():
                self.server.arrivals.append(time.perf_counter())
                time.sleep(self.server.takes_s)
                for piece in self.server.pieces:
                    self.wfile.write(piece)
                if self.server.closes:
                    break

    def _has_request(self) -> bool:
        return any(line == b"\r\n" for line in iter(self.rfile.readline, b""))


@contextmanager
def serving(answer: bytes, piece: int = 4096, closes: bool = False, takes_s: float = 0.0) -> Iterator[Server]:
    """A server that has ended its connections' threads by the time that this ends."""
    with Server(answer, piece, closes, takes_s) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


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
    with serving(PLAIN, takes_s=0.02) as server:
        load = closed_loop(server.port, lambda: request("GET", "/"), connections=3, seconds=LONGER_THAN_A_PAUSE_S)
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
    with serving(PLAIN, closes=True, takes_s=0.02) as server:
        load = closed_loop(server.port, lambda: request("GET", "/"), connections=1, seconds=LONGER_THAN_A_PAUSE_S)
    assert server.connections > 2
    assert load.accepted == len(server.arrivals)


def test_constant_rate_sends_all_at_their_times() -> None:
    with serving(PLAIN) as server:
        began = time.perf_counter()
        load = constant_rate(server.port, lambda: request("GET", "/"), rate=50, seconds=0.4)
    assert load.accepted == len(server.arrivals) == 20
    for number, arrival in enumerate(sorted(server.arrivals)):
        assert arrival - began >= number / 50
