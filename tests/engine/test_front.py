"""The HTTP front by itself, over real sockets: rolo gateways of small handlers stand for LocalStack."""

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import pytest
from localstack import config
from rolo.gateway import Gateway

from loadstack_engine.front.hot_routes import HOT_ROUTES
from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.front.server import FrontServer
from tests.conftest import free_port

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


class Client:
    """One connection; ``send`` takes bytes as they go over the wire."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, method: str = "GET") -> Answer:
        response = HTTPResponse(_Unclosed(self.socket), method=method)
        response.begin()
        return Answer(response.status, response.getheaders(), response.read())

    def ask(self, data: bytes, method: str = "GET") -> Answer:
        self.send(data)
        return self.receive(method)

    def is_closed(self) -> bool:
        return self.socket.recv(1) == b""


class _Unclosed:
    """A socket whose unbuffered file ``HTTPResponse`` may close without taking what belongs to the next answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def makefile(self, mode: str) -> Any:
        return self._connection.makefile(mode, buffering=0)


def echo(chain: Any, context: Any, response: Any) -> None:
    """What a handler of LocalStack sees of a request."""
    request = context.request
    body = request.stream.read()
    response.set_json(
        {
            "method": request.method,
            "path": request.path,
            "raw": request.environ["RAW_URI"],
            "query": request.args.to_dict(flat=False),
            "headers": list(request.headers),
            "host": request.host,
            "url": request.url,
            "client": request.remote_addr,
            "size": len(body),
            "sha": hashlib.sha256(body).hexdigest(),
        }
    )
    chain.stop()


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """``serve(handler)`` answers on the port that it returns."""
    servers: list[tuple[FrontServer, threading.Thread]] = []

    def start(handler: Callable[..., None] = echo) -> int:
        server, port = FrontServer(), free_port()
        server.register(Gateway(request_handlers=[handler]), [config.HostAndPort("127.0.0.1", port)])
        thread = threading.Thread(target=server.run)
        thread.start()
        servers.append((server, thread))
        return port

    start.servers = servers  # type: ignore[attr-defined]
    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def connect() -> Iterator[Callable[[int], Client]]:
    clients: list[Client] = []

    def make(port: int) -> Client:
        clients.append(Client(port))
        return clients[-1]

    yield make
    for client in clients:
        client.socket.close()


@pytest.fixture
def hot() -> Iterator[Callable[[Any], None]]:
    added: list[Any] = []

    def add(route: Any) -> None:
        added.append(route)
        HOT_ROUTES.add(route)

    yield add
    for route in added:
        HOT_ROUTES.remove(route)


def seen(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_connection_serves_one_request_after_the_other(serve, connect):
    client = connect(serve())

    paths = [seen(client.ask(f"GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))["path"] for n in range(3)]

    assert paths == ["/0", "/1", "/2"]


def test_pipelined_requests_are_answered_in_order(serve, connect):
    client = connect(serve())

    client.send(b"".join(f"POST /{n} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".encode() for n in range(50)))

    assert [seen(client.receive())["path"] for _ in range(50)] == [f"/{n}" for n in range(50)]


def test_request_arrives_as_it_was_sent(serve, connect):
    head = (
        b"PUT /a%2Fb/%C3%BC%20c//d?x=1&x=2&y=%2B&z HTTP/1.1\r\nHost: shop.example:4566\r\nX-Amz-Meta-CamelCase: One\r\n"
        b"x-dup: 1\r\nx-dup: 2\r\nX-Latin: \xfc\r\nContent-Length: 256\r\n\r\n"
    )
    client = connect(serve())

    request = seen(client.ask(head + bytes(range(256))))

    assert (request["path"], request["raw"]) == ("/a/b/ü c//d", "/a%2Fb/%C3%BC%20c//d?x=1&x=2&y=%2B&z")
    assert request["query"] == {"x": ["1", "2"], "y": ["+"], "z": [""]}
    assert ["X-Amz-Meta-CamelCase", "One"] in request["headers"]
    assert [value for name, value in request["headers"] if name == "x-dup"] == ["1", "2"]
    assert ["X-Latin", "\xfc"] in request["headers"]
    assert (request["host"], request["client"]) == ("shop.example:4566", "127.0.0.1")
    assert request["sha"] == hashlib.sha256(bytes(range(256))).hexdigest()


def test_absolute_target_is_read_as_its_path(serve, connect):
    answer = connect(serve()).ask(b"GET http://sns.example/a/b?c=d HTTP/1.1\r\nHost: sns.example\r\n\r\n")

    assert (seen(answer)["path"], seen(answer)["query"]) == ("/a/b", {"c": ["d"]})


def test_client_that_expects_it_is_told_to_continue(serve, connect):
    client = connect(serve())
    client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")

    told = client.socket.recv(100)
    answer = client.ask(b"abc")

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert seen(answer)["size"] == 3


def test_chunked_body_arrives_whole_and_its_trailer_is_no_header(serve, connect):
    request = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
    )
    client = connect(serve())

    answer = seen(client.ask(request))
    again = seen(client.ask(request))

    assert (answer["size"], answer["sha"]) == (5, hashlib.sha256(b"abcde").hexdigest())
    assert "T" not in dict(answer["headers"])
    assert again["size"] == 5


def test_body_larger_than_memory_is_held_arrives_whole(serve, connect):
    client = connect(serve())
    block = bytes(range(256)) * 4096
    expected = hashlib.sha256()
    client.send(b"PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (200 * len(block)))
    for _ in range(200):
        expected.update(block)
        client.send(block)

    answer = seen(client.receive())

    assert (answer["size"], answer["sha"]) == (200 * MEGABYTE, expected.hexdigest())


def test_streamed_answer_arrives_before_it_is_over(serve, connect):
    first_arrived = threading.Event()

    def parts() -> Iterator[bytes]:
        yield b"first"
        assert first_arrived.wait(60)
        yield b"second"

    def handler(chain: Any, context: Any, response: Any) -> None:
        response.response = parts()
        chain.stop()

    client = connect(serve(handler))
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    received = b""
    while b"first" not in received:
        received += client.socket.recv(100)
    first_arrived.set()
    while not received.endswith(b"0\r\n\r\n"):
        received += client.socket.recv(100)

    assert b"Transfer-Encoding: chunked" in received
    assert received.endswith(b"5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n")


def test_streamed_answer_to_an_old_client_ends_with_the_connection(serve, connect):
    def handler(chain: Any, context: Any, response: Any) -> None:
        response.response = iter([b"a", b"b"])
        chain.stop()

    client = connect(serve(handler))
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    received = b""
    while data := client.socket.recv(100):
        received += data

    assert received.endswith(b"\r\n\r\nab")


def test_body_of_a_client_that_left_is_closed(serve, connect):
    closed = threading.Event()

    def parts() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * MEGABYTE
        finally:
            closed.set()

    def handler(chain: Any, context: Any, response: Any) -> None:
        response.response = parts()
        chain.stop()

    client = connect(serve(handler))
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    client.socket.recv(100)
    client.socket.close()

    assert closed.wait(60)


def test_head_has_the_length_and_no_body(serve, connect):
    client = connect(serve())

    answer = client.ask(b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD")
    following = client.ask(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")

    assert int(answer.header("Content-Length") or 0) > 100
    assert answer.body == b""
    assert seen(following)["path"] == "/b"


def test_no_content_has_neither_body_nor_length(serve, connect):
    def handler(chain: Any, context: Any, response: Any) -> None:
        response.status_code = 204
        chain.stop()

    client = connect(serve(handler))

    answers = [client.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(2)]

    assert [(each.status, each.header("Transfer-Encoding"), each.body) for each in answers] == [(204, None, b"")] * 2


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x00\x01\x02\x03",
        b"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_malformed_request_is_400_and_closed(serve, connect, request_bytes):
    client = connect(serve())

    assert client.ask(request_bytes).status == 400
    assert client.is_closed()


def test_request_before_a_malformed_one_is_answered(serve, connect):
    client = connect(serve())

    client.send(b"GET /good HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")

    assert seen(client.receive())["path"] == "/good"
    assert client.receive().status == 400


def test_endless_header_is_431_and_closed(serve, connect):
    client = connect(serve())
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")

    client.send(b"x" * 200_000)

    assert client.receive().status == 431
    assert client.is_closed()


def test_slow_client_holds_nobody_up(serve, connect):
    port = serve()
    slow = connect(port)
    slow.send(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Le")

    others = [connect(port).ask(b"GET /fast HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(20)]
    slow_answer = slow.ask(b"ngth: 2\r\n\r\nab")

    assert {seen(each)["path"] for each in others} == {"/fast"}
    assert seen(slow_answer)["size"] == 2


def test_client_that_ended_its_side_gets_its_answer(serve, connect):
    client = connect(serve())
    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
    client.socket.shutdown(socket.SHUT_WR)

    assert seen(client.receive())["path"] == "/a"
    assert client.is_closed()


@pytest.mark.parametrize("head", ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"])
def test_connection_closes_where_the_client_wants_it(serve, connect, head):
    client = connect(serve())

    assert client.ask(f"GET / {head}\r\n".encode()).status == 200
    assert client.is_closed()


def test_old_client_is_told_that_its_connection_stays(serve, connect):
    client = connect(serve())

    answers = [client.ask(b"GET /%d HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" % number) for number in range(2)]

    assert [seen(each)["path"] for each in answers] == ["/0", "/1"]
    assert [dict(each.headers)["Connection"] for each in answers] == ["keep-alive"] * 2


def test_upgrade_is_not_taken_up(serve, connect):
    client = connect(serve())
    upgrade = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"

    answers = [
        client.ask(b"POST /%d HTTP/1.1\r\nHost: a\r\n%sContent-Length: 2\r\n\r\nab" % (n, upgrade)) for n in range(2)
    ]

    assert [(seen(each)["path"], seen(each)["size"]) for each in answers] == [("/0", 2), ("/1", 2)]


def test_connect_is_refused(serve, connect):
    client = connect(serve())

    assert client.ask(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n").status == 501
    assert client.is_closed()


def test_failing_handler_is_500_and_the_connection_stays(serve, connect):
    def parts() -> Iterator[bytes]:
        raise OSError("not the client's")
        yield b""

    def handler(chain: Any, context: Any, response: Any) -> None:
        response.response = parts()
        chain.stop()

    client = connect(serve(handler))

    assert [client.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status for _ in range(2)] == [500, 500]


def test_only_the_given_address_is_listened_on(serve):
    port = serve()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_taken_port_is_an_error(serve):
    port = serve()

    with pytest.raises(OSError, match="in use"):
        FrontServer().register(Gateway(), [config.HostAndPort("127.0.0.1", port)])


def test_connections_beyond_the_bound_wait_for_one_that_closes(serve, connect, monkeypatch):
    monkeypatch.setattr(config, "GATEWAY_WORKER_COUNT", 2)
    port = serve()
    held = [connect(port) for _ in range(2)]
    for client in held:
        client.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    third = connect(port)
    third.send(b"GET /third HTTP/1.1\r\nHost: a\r\n\r\n")
    third.socket.settimeout(0.2)

    with pytest.raises(TimeoutError):
        third.socket.recv(1)
    held[0].socket.close()
    third.socket.settimeout(10)

    assert seen(third.receive())["path"] == "/third"


def test_shutdown_closes_idle_connections_and_lets_running_requests_finish(serve, connect):
    running, go_on = threading.Event(), threading.Event()

    def handler(chain: Any, context: Any, response: Any) -> None:
        if context.request.path == "/running":
            running.set()
            assert go_on.wait(60)
        response.data = b"done"
        chain.stop()

    port = serve(handler)
    idle, busy = connect(port), connect(port)
    idle.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    busy.send(b"GET /running HTTP/1.1\r\nHost: a\r\n\r\n")
    assert running.wait(60)
    server, thread = serve.servers[0]
    stopping = threading.Thread(target=server.shutdown)

    stopping.start()
    assert idle.is_closed()
    go_on.set()
    answer = busy.receive()
    stopping.join(60)
    thread.join(60)

    assert (answer.body, answer.header("Connection")) == (b"done", "close")
    assert not thread.is_alive()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_hot_route_answers_in_place_of_the_gateway(serve, connect, hot):
    def route(request: HttpRequest) -> HttpResponse | None:
        if request.path != "/hot":
            return None
        text = f"{request.method} {request.query} {request.fields['x-a']}".encode()
        return HttpResponse(201, [("X-Hot", "1")], text + (request.content or b""))

    hot(route)
    client = connect(serve())

    answer = client.ask(b"POST /hot?a=b HTTP/1.1\r\nHost: a\r\nX-A: c\r\nContent-Length: 1\r\n\r\n!")
    other = client.ask(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n")

    assert (answer.status, answer.header("X-Hot"), answer.body) == (201, "1", b"POST a=b c!")
    assert seen(other)["path"] == "/other"


def test_failing_hot_route_is_500_and_the_gateway_is_not_asked(serve, connect, hot):
    asked = threading.Event()

    def handler(chain: Any, context: Any, response: Any) -> None:
        asked.set()

    def route(request: HttpRequest) -> HttpResponse | None:
        raise ValueError("hot")

    hot(route)

    assert connect(serve(handler)).ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == 500
    assert not asked.is_set()
