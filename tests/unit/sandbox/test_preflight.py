import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bootstrap.flows import Flow
from sandbox import preflight
from sandbox.errors import SetupError, UsageError


@pytest.mark.parametrize("text", ["", "x", "80", "0", "-1", "65536", "4566.0", "٤٥٦٦", "4566 "])
def test_port_that_is_none_is_refused_by_name(text):
    with pytest.raises(UsageError, match=f"PORT={text}"):
        preflight.port_from(text)


@pytest.mark.parametrize("text", ["1024", "4566", "65535"])
def test_port_within_the_limits(text):
    assert preflight.port_from(text) == int(text)


def test_taken_port_is_told_with_a_free_alternative():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(SetupError, match=rf"Port {port} is taken.*make up PORT="):
            preflight.check_port(port, "ours")


def test_port_of_the_same_instance_is_no_conflict(engine_like):
    port = engine_like("ours")

    preflight.check_port(port, "ours")
    with pytest.raises(SetupError):
        preflight.check_port(port, "another clone")


def test_missing_npm_is_told_unless_dynamodb_local_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SetupError, match="npm is missing"):
        preflight.check_tools(tmp_path / "dynamodb-local")
    preflight.check_tools(tmp_path)


def test_recorded_port_is_forgotten(tmp_path):
    assert preflight.recorded(tmp_path) is None
    preflight.record(tmp_path, preflight.Record(4600))
    assert preflight.recorded(tmp_path) == preflight.Record(4600)
    preflight.forget(tmp_path)
    assert preflight.recorded(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"port": "x"}'])
def test_damaged_record_counts_as_none(tmp_path, content):
    (tmp_path / "engine.json").write_text(content)

    assert preflight.recorded(tmp_path) is None


@pytest.fixture
def engine_like():
    """Something that answers the health route as an engine does."""
    servers = []

    def start(instance):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({"instance": instance}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return server.server_port

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("text", ["sagas", "SAGA", " saga", "0"])
def test_flow_that_is_none_is_refused_by_name(text):
    with pytest.raises(UsageError, match=f"^FLOW={text} is unknown: use FLOW=choreography or FLOW=saga.$"):
        preflight.flow({"FLOW": text})


@pytest.mark.parametrize(("environment", "flow"), [({}, None), ({"FLOW": ""}, None), ({"FLOW": "saga"}, Flow.SAGA)])
def test_flow_that_was_asked_for(environment, flow):
    assert preflight.flow(environment) is flow
