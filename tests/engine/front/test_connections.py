"""Connections of the HTTP front: how they stay, close, and bound each other."""

import socket
import threading
from typing import Any

import pytest
from localstack import config
from rolo.gateway import Gateway

from loadstack_engine.front.server import FrontServer
from tests.engine.front.client import seen


def test_connection_serves_one_request_after_the_other(serve, connect):
    client = connect(serve())

    paths = [seen(client.ask(f"GET /{n} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))["path"] for n in range(3)]

    assert paths == ["/0", "/1", "/2"]


def test_pipelined_requests_are_answered_in_order(serve, connect):
    client = connect(serve())

    client.send(b"".join(f"POST /{n} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".encode() for n in range(50)))

    assert [seen(client.receive())["path"] for _ in range(50)] == [f"/{n}" for n in range(50)]


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
