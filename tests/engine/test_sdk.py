"""The AWS SDK in function processes: cheaper, and otherwise what it is."""

import ast
import json
import os
import socketserver
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest

import loadstack_engine
from sandbox.paths import DEVELOPMENT

RUNTIME = Path(loadstack_engine.__file__).parent / "runtime"
SCRIPT = Path(__file__).parent / "sdk_calls.py"


class _Recorder(socketserver.StreamRequestHandler):
    """Keeps each request's bytes, and answers as an AWS service may."""

    def handle(self):
        while head := self._head():
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
            }
            if headers.get(b"expect") == b"100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = self.rfile.read(int(headers.get(b"content-length", 0)))
            if headers.get(b"transfer-encoding") == b"chunked":
                body = self._chunks()
            self.server.requests.append(head + body)
            if not self._answers_oddly(body):
                self._answer(body)
            elif not any(table in body for table in (b'"chunked"', b'"folded"', b'"nothing"', b'"goes-on"')):
                return

    def _head(self):
        lines = []
        while line := self.rfile.readline():
            lines.append(line)
            if line == b"\r\n":
                return b"".join(lines)
        return b""

    def _chunks(self):
        lines = []
        while (line := self.rfile.readline()) != b"0\r\n":
            lines.append(line)
        while (line := self.rfile.readline()) != b"\r\n":
            lines.append(line)
        return b"".join(lines)

    def _answers_oddly(self, body):
        """Whether it was a table with a peculiar answer; most end the connection."""
        odd = {
            b'"closes"': b"",
            b'"chunked"': b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            b'"says-goodbye"': b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
            b'"without-length"': b"HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n{}",
            b'"old"': b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            b'"folded"': b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
            b'"short"': b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            b'"short-chunk"': b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
            b'"garbled"': b"no status\r\n\r\n",
            b'"half-head"': b"HTTP/1.1 200 OK\r\nContent-Le",
            b'"nothing"': b"HTTP/1.1 204 No Content\r\n\r\n",
            b'"slow-head"': b"",
            b'"slow-body"': b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{",
            b'"goes-on"': b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        }
        for table, answer in odd.items():
            if table in body:
                self.wfile.write(answer)
                if b'"slow-' in body:
                    self.rfile.read(1)  # until the other side gives up
                return True
        return False

    def _answer(self, body):
        status, content = b"200 OK", b"{}"
        if b'"missing"' in body:
            status = b"400 Bad Request"
            content = b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no"}'
        if b'"fails-always"' in body or (b'"fails-once"' in body and self.server.fails_once.pop("first", False)):
            status, content = b"500 Internal Server Error", b'{"__type": "InternalServerError", "message": "no"}'
        self.wfile.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: id\r\nX-Odd:  a \tb  \r\n"
            b"X-Latin: gr\xfc\xdfe\r\nX-Empty:\r\nx-amz-meta-one: 1\r\nX-Twice: a\r\nX-Twice: b\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (status, len(content), content)
        )


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.requests = []
        self.fails_once = {}


@pytest.fixture
def server():
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _script(server, **variables):
    server.requests.clear()
    server.fails_once["first"] = True
    port = server.server_address[1]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(RUNTIME), "HOME": "/nowhere"}
    environment |= {"PYTHONHASHSEED": "0", **variables}  # the user agent lists features as a set has them
    run = subprocess.run(
        [DEVELOPMENT.runtime_python, SCRIPT, f"http://127.0.0.1:{port}"],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(json.loads(line) for line in run.stdout.splitlines()), list(server.requests)


def test_requests_answers_and_errors_are_those_of_the_sdk_as_it_is(server):
    expected, expected_requests = _script(server, LOADSTACK_SDK="0")
    found, requests = _script(server)

    assert len(expected) == 37
    assert found == expected
    assert len(requests) == len(expected_requests) > 50
    for one, other in zip(requests, expected_requests, strict=True):
        assert one == other


def test_every_change_fits_the_runtimes_sdk():
    """Python's own are another matter: they change with its patch releases."""
    program = "import _loadstack_sdk_cost as cost; print('\\n'.join(cost.missing()))"
    told = subprocess.run(
        [DEVELOPMENT.runtime_python, "-c", program],
        env={"PYTHONPATH": str(RUNTIME)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert [line for line in told.splitlines() if line and not line.startswith("http.")] == []


def test_changes_leave_another_version_alone():
    program = (
        "import botocore.auth as auth, _loadstack_sdk_cost as cost\n"
        "def theirs(self, request): return request\n"
        "auth.SigV4Auth.headers_to_sign = theirs\n"
        "cost.use()\n"
        "print(auth.SigV4Auth.headers_to_sign is theirs, auth._host_from_url.__class__.__name__)\n"
    )
    told = subprocess.run(
        [DEVELOPMENT.runtime_python, "-c", program],
        env={"PYTHONPATH": str(RUNTIME)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert told == "True _lru_cache_wrapper\n"


def test_calls_are_counted_once_however_often_they_are_tried(server):
    told, _ = _script(server)

    counts = ast.literal_eval(told["calls"])
    assert counts["dynamodb.GetItem"] == 16  # three of them were tried twice
    assert counts["dynamodb.PutItem"] == 18  # the invalid one was not sent
    assert counts["s3.PutObject"] == 4
    assert counts["sqs.ListQueues"] == 1


SOURCE = """
import boto3
boto3.client("sts").get_caller_identity()
clients = [boto3.Session().client("dynamodb") for _ in range(2)]
def handler(event, context):
    for client in clients:
        client.list_tables()
    boto3.resource("sqs").meta.client.list_queues()
    if event == "raise":
        raise ValueError
"""


@pytest.mark.parametrize("fresh", [False, True])
def test_calls_of_a_function_are_shown(deploy, engine, fresh):
    """Also those of its init, and of an invocation that fails; ``fresh``: in a fresh interpreter."""
    function = deploy({"app.py": SOURCE} | ({"zoneinfo.py": ""} if fresh else {}))
    function.invoke()
    function.invoke("raise")

    with urllib.request.urlopen(f"{engine.endpoint}/_loadstack/functions") as answer:
        calls = json.load(answer)[function.name]["calls"]

    assert calls == {"dynamodb.ListTables": 4, "sqs.ListQueues": 2, "sts.GetCallerIdentity": 1}
