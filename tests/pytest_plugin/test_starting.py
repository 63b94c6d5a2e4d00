"""A sandbox that the plugin starts: it ends with the session, however that ends, and says so where it dies before."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox import processes
from tests.pytest_plugin.conftest import Suite, command_line
from tests.waiting import until

pytestmark = [pytest.mark.xdist_group("localstack-pytest_plugin-started"), pytest.mark.timeout(400)]

_MARK = "LOADSTACK_TEST_SUITE"

# What the suites below tell of their sandbox: its endpoint, by worker.
TELL = """
import json, os, pathlib, signal, urllib.request

import pytest

@pytest.fixture(scope="session")
def told(sandbox):
    folder = pathlib.Path("told")
    folder.mkdir(exist_ok=True)
    (folder / os.environ.get("PYTEST_XDIST_WORKER", "main")).write_text(sandbox.endpoint)

@pytest.fixture
def localstack(sandbox):
    with urllib.request.urlopen(sandbox.endpoint + "/_loadstack/health") as answer:
        run = pathlib.Path(json.load(answer)["instance"])
    return json.loads((run / "pid.json").read_text())["localstack"]
"""


@pytest.fixture
def running(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[psutil.Process]]]:
    """The processes of what the test starts, engines among them; suites start their sandbox from ``checkout``."""
    suite = uuid.uuid4().hex
    monkeypatch.setenv("LOADSTACK_HOME", str(checkout))
    monkeypatch.setenv(_MARK, suite)
    yield lambda: processes.of_instance(suite, mark=_MARK)
    processes.kill(suite, mark=_MARK)


def told(folder: Path) -> list[str]:
    """The endpoints that the suite's workers told."""
    return [each.read_text() for each in sorted((folder / "told").glob("*"))]


def test_sandbox_is_emptied_and_its_death_is_told_at_once_by_who_waits_and_by_the_next_test(
    suite: Suite, running: Callable[[], list[psutil.Process]]
) -> None:
    result = suite(
        TELL
        + """
@pytest.fixture(scope="module")
def table(aws):
    table = aws.resource("dynamodb").create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    table.put_item(Item={"id": "of-another-test"})
    return table

def test_data(table):
    assert table.scan()["Count"] == 1

def test_clean_state(table, clean_state):
    assert table.scan()["Count"] == 0

def test_waiting(wait_for, localstack):
    events = wait_for.events()
    os.kill(localstack, signal.SIGKILL)
    events.next(timeout=100)

def test_next(aws):
    pass

def test_without():
    pass
"""
    )

    result.assert_outcomes(passed=3, failed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "The sandbox ended: LocalStack was killed by signal 9*; its data is gone*",
            "E * Failed: The sandbox ended: LocalStack was killed by signal 9*",
        ]
    )
    until(lambda: not running())


def test_session_that_is_killed_leaves_nothing(
    pytester: pytest.Pytester, running: Callable[[], list[psutil.Process]]
) -> None:
    _kill_in_a_session(pytester, running, lambda session: session)


@pytest.mark.slow
def test_command_that_is_killed_leaves_nothing(
    pytester: pytest.Pytester, running: Callable[[], list[psutil.Process]]
) -> None:
    _kill_in_a_session(pytester, running, lambda session: psutil.Process(session).children()[0].pid)


def _kill_in_a_session(
    pytester: pytest.Pytester, running: Callable[[], list[psutil.Process]], victim: Callable[[int], int]
) -> None:
    """``victim`` gives the process to kill -9 from the session's; the engine ends by itself then, and the session."""
    pytester.makepyfile(
        test_suite=TELL
        + """
def test_endless(aws, told, wait_for):
    wait_for(lambda: aws.client("sqs").list_queues() is None, timeout=1000)
"""
    )
    session = subprocess.Popen([sys.executable, "-m", "pytest", *command_line()], stdout=subprocess.DEVNULL)
    try:
        until(lambda: told(pytester.path), 100)
        assert len(running()) >= 4, "pytest, the command, its supervisor, LocalStack"

        os.kill(victim(session.pid), signal.SIGKILL)

        session.wait()
        until(lambda: not running())
    finally:
        session.kill()
        session.wait()


@pytest.mark.slow
def test_workers_have_a_sandbox_each(suite: Suite, running: Callable[[], list[psutil.Process]], tmp_path: Path) -> None:
    result = suite(
        TELL
        + """
def test_worker(told, clean_state, aws):
    aws.client("s3").create_bucket(Bucket="the-same-name")
""",
        "-n2",
        "--dist=each",
    )

    result.assert_outcomes(passed=2)
    assert len(set(told(Path.cwd()))) == 2
    until(lambda: not running())


@pytest.mark.slow
def test_workers_share_a_sandbox_that_dies_for_all(suite: Suite, running: Callable[[], list[psutil.Process]]) -> None:
    result = suite(
        TELL
        + """
def test_share(told, aws):
    aws.client("sqs").create_queue(QueueName=os.environ["PYTEST_XDIST_WORKER"])

def test_clean_state_is_refused(clean_state):
    pass

def test_both_are_there(aws, wait_for):
    wait_for(lambda: len(aws.client("sqs").list_queues()["QueueUrls"]) == 2)

def test_death(localstack, wait_for, aws):
    wait_for(lambda: len(list(pathlib.Path("told").iterdir())) == 2)
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"] + ".done").touch()
    wait_for(lambda: len(list(pathlib.Path().glob("*.done"))) == 2)
    if os.environ["PYTEST_XDIST_WORKER"] == "gw0":
        os.kill(localstack, signal.SIGKILL)
    else:
        events = wait_for(lambda: aws.client("sqs").list_queues() is None, timeout=100)
""",
        "-n2",
        "--dist=each",
        "--loadstack-sandbox=shared",
    )

    result.assert_outcomes(passed=5, failed=1, errors=2)
    assert len(set(told(Path.cwd()))) == 1
    result.stdout.fnmatch_lines(["*clean_state would empty what the tests of the other 1 workers use*"])
    result.stdout.fnmatch_lines(["*The sandbox ended: LocalStack was killed by signal 9*"])
    until(lambda: not running())


def test_checkout_whose_engine_does_not_start_says_why(suite: Suite, checkout: Path) -> None:
    (checkout / "sandbox" / "run").write_text("#!/bin/sh\necho 'error: Loadstack needs Python 3.13' >&2\nexit 2\n")

    result = suite("def test_one(sandbox): pass", f"--loadstack-home={checkout}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*The sandbox did not start: Loadstack needs Python 3.13*"])
