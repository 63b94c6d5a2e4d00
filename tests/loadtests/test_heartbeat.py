"""In a process of its own: gevent's hub is not for the tests'."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from loadtests.address import resolve
from loadtests.stack import connect
from tests.loadtests.conftest import ENVIRONMENT

SCRIPT = """
import gevent.event
from loadtests.heartbeat import heartbeat

looks, gone, over = iter([{looks}]), [], gevent.event.Event()

def answers():
    look = next(looks, "end")
    if look == "end":
        over.set()
        return True
    return look

def is_gone(since):
    gone.append(since)
    over.set()

with heartbeat(answers, is_gone, 0.01, {silent_s}):
    over.wait()
print(len(gone), len(list(looks)))
"""


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ("True, False, False, False, True, True", "1 2"),
        ("False, False, True, False, False, True, True", "0 0"),
    ],
)
def test_stack_is_gone_after_three_misses_in_a_row(looks: str, told: str) -> None:
    assert watched(looks, silent_s=60) == told


@pytest.mark.parametrize(
    ("looks", "told"),
    [("True, None, None, None, None", "1 3"), ("None, True, False, None, None, True", "0 0")],
)
def test_stack_is_gone_after_a_long_silence(looks: str, told: str) -> None:
    """The silence that is allowed is over with the first look."""
    assert watched(looks, silent_s=0.005 if told[0] == "1" else 60) == told


def watched(looks: str, silent_s: float) -> str:
    """How often the stack was told to be gone, and how many looks were left."""
    script = SCRIPT.format(looks=looks, silent_s=silent_s)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert run.stderr == ""
    return run.stdout.strip()


LAST_LOOK = """
import gevent.event
from loadtests.heartbeat import heartbeat

looks, gone, over = iter([{looks}]), [], gevent.event.Event()

def answers():
    look = next(looks)
    if look == "end":
        over.set()
        gevent.event.Event().wait()
    return look

last = iter([{last}])
with heartbeat(lambda: next(last) if over.is_set() else answers(), gone.append, 0.01) as look_last:
    over.wait()
    look_last()
    look_last()
print(len(gone))
"""


@pytest.mark.parametrize(
    ("looks", "last", "told"),
    [
        ("True, 'end'", "False", "1"),
        ("False, False, 'end'", "False", "1"),
        ("False, False, 'end'", "True, True", "0"),
        ("True, 'end'", "None, None", "0"),
    ],
)
def test_one_miss_in_the_last_look_is_enough(looks: str, last: str, told: str) -> None:
    script = LAST_LOOK.format(looks=looks, last=last)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert (run.stdout.strip(), run.stderr) == (told, "")


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_whatever_answers_is_there_and_a_closed_port_is_not() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stack = connect(resolve(f"http://127.0.0.1:{server.server_port}"))
    assert stack.answers()
    server.shutdown()
    thread.join()
    server.server_close()
    assert not stack.answers()
