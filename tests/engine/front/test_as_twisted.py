"""The front against LocalStack's own: what a handler sees of a request, and what a client of LocalStack gets."""

import http.client
import json
import ssl
import threading
import warnings
from collections.abc import Iterator

import pytest
from localstack import config
from rolo.gateway import Gateway

from loadstack_engine.front.server import FrontServer
from tests.conftest import free_port
from tests.engine.front.client import Client

REQUESTS = {
    "query": b"GET /a/b%20c/%2F?x=1&x=2&y=%2B&z&ut=%C3%BC HTTP/1.1\r\nHost: a.example:4566\r\n\r\n",
    "headers": b"GET / HTTP/1.1\r\nhOsT: h\r\nX-CaMel: 1\r\nx-dup: a\r\nx-dup: b\r\nX-Empty:\r\nX-Latin: \xfc\r\n\r\n",
    "body": b"POST /x HTTP/1.1\r\nHost: h:1\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\x00\xff{}",
    "form": b"POST /x?a=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 11\r\n\r\nb=2&c=%C3%BC",
    "chunked": b"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    "absolute": b"GET http://sns.example/a%20b?c=d HTTP/1.1\r\nHost: sns.example\r\n\r\n",
    "old": b"GET /old HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
    "encoded": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
}
# The connection's own, or objects of the server's.
DIFFERENT = {"REMOTE_PORT", "SERVER_PORT", "SERVER_NAME", "wsgi.errors", "wsgi.input", "werkzeug.request"}


def show(chain, context, response):
    request = context.request
    environ = {name: repr(value) for name, value in request.environ.items() if name not in DIFFERENT}
    shown = {
        "environ": environ,
        "method": request.method,
        "path": request.path,
        "args": request.args.to_dict(flat=False),
        "headers": list(request.headers),
        "url": request.url,
        "data": request.stream.read().hex(),
        "content_length": request.content_length,
    }
    response.set_json(shown)
    response.headers["X-Answer"] = "A"
    chain.stop()


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Twisted misses a package for TLS clients, which nothing here is
        from rolo.serving.twisted import TwistedGateway
        from twisted.internet import reactor
    gateway = Gateway(request_handlers=[show])
    ports = {"front": free_port(), "twisted": free_port()}
    front = FrontServer()
    front.register(gateway, [config.HostAndPort("127.0.0.1", ports["front"])])
    reactor.listenTCP(ports["twisted"], TwistedGateway(gateway), interface="127.0.0.1")
    threads = [
        threading.Thread(target=front.run),
        threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}),
    ]
    for thread in threads:
        thread.start()
    yield ports
    front.shutdown()
    reactor.callFromThread(reactor.stop)
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize("request_bytes", REQUESTS.values(), ids=REQUESTS)
def test_request_means_the_same_over_either_front(ports, request_bytes):
    answers = {}
    for server, port in ports.items():
        client = Client(port)
        answers[server] = client.ask(request_bytes)
        client.socket.close()
    front, twisted = answers["front"], answers["twisted"]

    assert json.loads(front.body) == json.loads(twisted.body)
    assert front.status == twisted.status
    of_twisted = {name for name, _ in twisted.headers}
    if request_bytes == REQUESTS["old"]:
        of_twisted.add("Connection")  # Twisted closes, which tells as much
    assert {name for name, _ in front.headers} == of_twisted


def test_tls_is_served_on_the_same_port(engine):
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", engine.port, context=context, timeout=20)
    try:
        for _ in range(2):
            connection.request("GET", "/_loadstack/health")
            assert json.load(connection.getresponse())["status"] == "ready"
    finally:
        connection.close()


def test_large_object_comes_back_as_it_was(aws):
    client = aws("s3")
    client.create_bucket(Bucket="front-large")
    body = bytes(range(256)) * 4096 * 50

    client.put_object(Bucket="front-large", Key="k", Body=body)
    answer = client.get_object(Bucket="front-large", Key="k")["Body"].read()
    client.delete_object(Bucket="front-large", Key="k")
    client.delete_bucket(Bucket="front-large")

    assert answer == body
