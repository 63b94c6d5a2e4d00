"""Clients reach the endpoint that they are for, whatever the user's AWS configuration says."""

import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bootstrap.clients import Clients
from bootstrap.references import Place


@pytest.fixture
def users_own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile work]\nregion = eu-west-1\nendpoint_url = https://aws.example\n")
    for name, value in {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL": "https://aws.example",
        "AWS_ENDPOINT_URL_SQS": "https://sqs.example",
        "AWS_CA_BUNDLE": "/nowhere",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Message]]]:
    """An endpoint that answers `{}`, and the headers of the requests that reached it."""
    seen: list[Message] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.headers)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("users_own_configuration")
def test_users_own_configuration_is_ignored(endpoint: tuple[str, list[Message]]) -> None:
    url, seen = endpoint
    clients = Clients(url, Place("us-west-2"))
    clients.sqs.list_queues()
    clients.sqs.close()
    [headers] = seen  # not through a proxy, not to aws.example
    assert f"http://{headers['Host']}" == url
    assert "Credential=test/" in headers["Authorization"]
    assert "/us-west-2/sqs/" in headers["Authorization"]
    assert "X-Amz-Security-Token" not in headers


def test_client_is_made_once_also_by_many_threads() -> None:
    clients = Clients("http://127.0.0.1:1")
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.append(clients.sqs)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len({id(client) for client in made}) == 1


@pytest.mark.parametrize(("endpoint_url", "proxies"), [("http://localhost:4566", {}), ("https://aws.example", None)])
def test_proxy_of_the_environment_serves_other_hosts_alone(endpoint_url: str, proxies: dict[str, str] | None) -> None:
    config: Any = Clients(endpoint_url).sqs.meta.config
    assert config.proxies == proxies
