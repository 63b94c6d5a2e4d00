"""A debugger attached to a function: the Debug Adapter Protocol over its socket."""

import json
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

import pytest

import loadstack_engine
from sandbox.paths import DEVELOPMENT
from tests.conftest import free_port
from tests.waiting import until

RUNTIME = Path(loadstack_engine.__file__).parent / "runtime"
SOURCE = """\
def handler(event, context):
    total = event + 1
    return total
"""


class Debugger:
    """A client of the protocol: https://microsoft.github.io/debug-adapter-protocol/specification."""

    def __init__(self, port):
        self._socket = until(lambda: self._connect(port))
        self._stream = self._socket.makefile("rb")
        self._sent = 0
        self._seen = []

    @staticmethod
    def _connect(port):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except OSError:
            return None

    def send(self, command, **arguments):
        self._sent += 1
        body = json.dumps({"seq": self._sent, "type": "request", "command": command, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def request(self, command, **arguments):
        self.send(command, **arguments)
        number = self._sent
        answer = self._wait(lambda each: each["type"] == "response" and each["request_seq"] == number)
        assert answer["success"], answer
        return answer.get("body")

    def event(self, name):
        return self._wait(lambda each: each["type"] == "event" and each["event"] == name).get("body")

    def close(self):
        self._stream.close()
        self._socket.close()

    def _wait(self, wanted):
        while True:
            for each in self._seen:
                if wanted(each):
                    self._seen.remove(each)
                    return each
            self._seen.append(self._read())

    def _read(self):
        length = 0
        while (line := self._stream.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        return json.loads(self._stream.read(length))


@pytest.fixture
def debugger():
    """``debugger(port)`` attaches."""
    attached = []

    def attach(port):
        client = Debugger(port)
        attached.append(client)
        client.request("initialize", adapterID="test", clientID="test", pathFormat="path")
        client.send("attach", justMyCode=True)
        client.event("initialized")
        return client

    yield attach
    for client in attached:
        client.close()


def _stop_in(client, code):
    """Break at the handler's second line, of the file as the process sees it."""
    points = client.request("setBreakpoints", source={"path": code}, breakpoints=[{"line": 3}])["breakpoints"]
    assert points[0]["verified"]
    client.request("configurationDone")


def test_breakpoint_holds_the_function_and_its_timeout(deploy, debugger):
    port = free_port()
    source = SOURCE + "import pathlib; FILE = pathlib.PurePath(__file__).parts\n"
    source = source.replace("event + 1", "event + 1 if event else FILE")
    function = deploy(source, Timeout=5, Environment={"Variables": {"LOADSTACK_DEBUG": str(port)}})
    first = function.invoke(0)
    assert f"debugpy listens on 127.0.0.1:{port}" in first.log
    client = debugger(port)
    _stop_in(client, str(PurePath(*first.payload)))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, 41)
        stopped = client.event("stopped")
        with pytest.raises(TimeoutError):
            running.result(timeout=6.5)
        frame = client.request("stackTrace", threadId=stopped["threadId"])["stackFrames"][0]
        assert (frame["name"], frame["line"]) == ("handler", 3)
        assert client.request("evaluate", expression="total", frameId=frame["id"])["result"] == "42"
        client.request("continue", threadId=stopped["threadId"])
        invoked = running.result()

    assert (invoked.error, invoked.payload) == (None, 42)


def test_port_is_free_after_the_function(deploy, aws):
    port = free_port()
    function = deploy(SOURCE, Environment={"Variables": {"LOADSTACK_DEBUG": str(port)}})
    assert "debugpy listens" in function.invoke(0).log

    aws("lambda").delete_function(FunctionName=function.name)

    def is_free():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    until(is_free)


def test_function_waits_for_the_debugger(deploy, debugger):
    port = free_port()
    function = deploy(SOURCE, Timeout=5, Environment={"Variables": {"LOADSTACK_DEBUG": f"{port}:wait"}})

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, 1)
        client = debugger(port)
        assert not running.done()
        client.request("configurationDone")
        invoked = running.result()

    assert invoked.payload == 2


def test_missing_debugpy_is_told():
    """The runtime's interpreter has none."""
    told = subprocess.run(
        [DEVELOPMENT.runtime_python, "-c", "import _loadstack_debug; _loadstack_debug.listen()"],
        env={"PYTHONPATH": str(RUNTIME), "LOADSTACK_DEBUG": "5678", "PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
        text=True,
    ).stdout

    assert told.startswith("Loadstack: debugpy is not installed: pip install debugpy")
