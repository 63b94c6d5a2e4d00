"""The container's health check, against a server that answers as the engine does."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from sandbox.healthy import is_ready
from tests.conftest import free_port


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], int]]:
    """Start a server that answers so; its port."""
    servers = []

    def start(body: bytes) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return int(server.server_port)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "ready"), [("ready", True), ("starting", False)])
def test_engine_is_ready_when_it_says_so(answering: Callable[[bytes], int], status: str, ready: bool) -> None:
    assert is_ready(answering(json.dumps({"status": status}).encode())) is ready


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>"])
def test_other_answer_is_not_ready(answering: Callable[[bytes], int], body: bytes) -> None:
    assert not is_ready(answering(body))


def test_nobody_is_not_ready() -> None:
    assert not is_ready(free_port())
