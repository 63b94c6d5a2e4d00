"""Requests and answers of the HTTP front: bodies, headers, what is malformed."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.front.client import seen

MEGABYTE = 1024 * 1024


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


def test_failing_handler_is_500_and_the_connection_stays(serve, connect):
    def parts() -> Iterator[bytes]:
        raise OSError("not the client's")
        yield b""

    def handler(chain: Any, context: Any, response: Any) -> None:
        response.response = parts()
        chain.stop()

    client = connect(serve(handler))

    assert [client.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").status for _ in range(2)] == [500, 500]
