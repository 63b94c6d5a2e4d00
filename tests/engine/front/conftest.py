"""The HTTP front by itself, over real sockets: rolo gateways of small handlers stand for LocalStack."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from localstack import config
from rolo.gateway import Gateway

from loadstack_engine.front.server import FrontServer
from tests.conftest import free_port
from tests.engine.front.client import Client


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
