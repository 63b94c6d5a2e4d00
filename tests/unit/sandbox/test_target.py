import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from sandbox import status, target
from sandbox.errors import NotRunningError, UsageError


class SilentHandler(BaseHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


def test_endpoint_of_somebody_else_has_no_engine():
    found = target.from_environment({"ENDPOINT": "http://127.0.0.1:9999/"})

    assert found.engine is None
    assert found.api_url == "http://127.0.0.1:9999/_aws/execute-api/shop/dev"


def test_endpoint_where_nobody_listens_is_told():
    with socket.socket() as taken:  # bound, so that nobody else takes it, and not listening
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(NotRunningError, match=rf"^Nothing answers at {endpoint} \(connection refused\)\.$"):
            target.from_environment({"ENDPOINT": endpoint}).require_running()


def test_server_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(target, "_TIMEOUT_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(NotRunningError, match=rf"^Nothing answers at {endpoint} \(no answer within "):
            target.from_environment({"ENDPOINT": endpoint}).require_running()


def test_route_of_the_engine_where_nobody_listens_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(NotRunningError, match=r"\(connection refused\)"):
            status.fetch(target.Target(endpoint, None), "/_loadstack/health")


def test_server_that_is_no_aws_endpoint_is_told():
    # It answers 501 to a POST.
    with HTTPServer(("127.0.0.1", 0), SilentHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        try:
            with pytest.raises(NotRunningError, match=f"^What answers at {endpoint} is no AWS endpoint.*501") as raised:
                target.from_environment({"ENDPOINT": endpoint}).require_running()
        finally:
            server.shutdown()
    assert "<" not in str(raised.value)


def test_port_moves_the_endpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(target, "RUN", tmp_path)

    assert target.from_environment({"PORT": "4600"}).endpoint == "http://127.0.0.1:4600"
    assert target.from_environment({}).endpoint == "http://127.0.0.1:4566"


def test_port_of_the_sandbox_that_was_started_is_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(target, "RUN", tmp_path)
    (tmp_path / "engine.json").write_text('{"port": 4700}')

    assert target.from_environment({}).endpoint == "http://127.0.0.1:4700"


@pytest.mark.parametrize(
    "environment",
    [
        {"ENDPOINT": "localhost:4566"},
        {"ENDPOINT": "ftp://x"},
        {"PORT": "http"},
        {"ENGINE": "k8s"},
    ],
)
def test_wrong_setting_is_told_by_its_name(environment):
    (name,) = environment

    with pytest.raises(UsageError, match=f"{name}="):
        target.from_environment(environment)
