"""The command behind ``make test``."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import processes
from sandbox.paths import ROOT
from tests.waiting import until

ENDLESS = """
import pathlib, signal, subprocess, sys

def test_starts_a_process_and_waits():
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    pathlib.Path({pids!r}).write_text(str(child.pid))
    signal.pause()
"""


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def ending(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """How the command is ended. A shell starts its background jobs with SIGINT ignored, which children inherit."""
    number: signal.Signals = request.param
    before = signal.signal(signal.SIGINT, signal.default_int_handler if number == signal.SIGINT else signal.SIG_IGN)
    yield number
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.timeout(360)  # a whole run of its own, with workers: minutes on a busy machine
def test_interrupted_tests_leave_nothing_running(tmp_path: Path, ending: signal.Signals) -> None:
    pids, endless = tmp_path / "pids", tmp_path / "test_endless.py"
    endless.write_text(ENDLESS.format(pids=str(pids)))
    command = [sys.executable, "-m", "sandbox", "test", f"--rootdir={tmp_path}", "-p", "no:cacheprovider", str(endless)]
    mark, run = "LOADSTACK_TEST_OF_TESTS", uuid.uuid4().hex
    tests = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {mark: run}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        child = psutil.Process(int(until(lambda: pids.exists() and pids.read_text(), 180)))
        tests.send_signal(ending)
        assert tests.wait(120) != 0
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        processes.kill(run, mark=mark)
        tests.wait()


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Something that answers, whatever it is asked."""

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "below"), [(["-k", "docs"], "tests/integration/"), (["tests/unit/docs"], "tests/unit/docs/")]
)
def test_endpoint_gets_the_integration_tests_unless_others_are_named(
    endpoint: str, words: list[str], below: str
) -> None:
    assert (ROOT / "docs").exists()  # and is no path where it is an option's value
    command = [sys.executable, "-m", "sandbox", "test", "--collect-only", "-qq", "-p", "no:cacheprovider", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"ENDPOINT": endpoint}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    files = [line for line in done.stdout.splitlines() if line.startswith("tests/")]
    assert files
    assert all(file.startswith(below) for file in files), files
