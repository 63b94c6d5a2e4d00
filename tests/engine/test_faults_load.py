"""More than there is room for: an engine of ten execution environments."""

import json
import resource
import selectors
import socket
import threading
import time
from collections import Counter

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sandbox import processes
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import Aws, free_port
from tests.engine.conftest import ROLE, Function
from tests.engine.functions import archive
from tests.waiting import until

pytestmark = pytest.mark.slow

PLACES = 10


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An engine of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOADSTACK_MAX_ENVIRONMENTS", str(PLACES))
        patch.setenv("LOADSTACK_PRELOAD", "lambda,s3,sts,logs")
        engine = HostEngine(tmp_path_factory.mktemp("small").resolve(), free_port(), DEVELOPMENT)
        engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def _deploy(engine, name, source, **arguments):
    client = Aws(engine.endpoint)("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive({"app.py": source})},
        **({"Timeout": 10} | arguments),
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
    return Function(name, "", client)


def _request(engine, name, event):
    body = json.dumps(event).encode()
    head = [
        f"POST /2015-03-31/functions/{name}/invocations HTTP/1.1",
        f"Host: 127.0.0.1:{engine.port}",
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request",
        "Connection: close",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def _at_once(engine, request, count):
    """The whole answers to as many requests, each on a connection of its own, all sent before any is read."""
    selector, answers = selectors.DefaultSelector(), {}
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", engine.port), timeout=30)
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ)
        answers[connection] = b""
    deadline = time.monotonic() + 60
    while selector.get_map():
        assert time.monotonic() < deadline, f"{len(selector.get_map())} of {count} were not answered"
        for key, _ in selector.select(1):
            chunk = key.fileobj.recv(65536)
            answers[key.fileobj] += chunk
            if not chunk:
                selector.unregister(key.fileobj)
                key.fileobj.close()
    return list(answers.values())


@pytest.fixture
def many_files():
    """A thousand sockets are more than a process has by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_invocations_at_once(small, many_files):
    function = _deploy(
        small, "crowd", "import os, time\ndef handler(event, context): time.sleep(0.2); return os.getpid()"
    )
    function.invoke()

    answers = _at_once(small, _request(small, function.name, None), 1_000)

    statuses = Counter(answer.split(maxsplit=2)[1] for answer in answers)
    assert set(statuses) == {b"200", b"429"}
    assert statuses[b"200"] >= PLACES
    refused = next(answer for answer in answers if answer.split(maxsplit=2)[1] == b"429")
    assert b"TooManyRequestsException" in refused
    assert b"ConcurrentInvocationLimitExceeded" in refused
    pids = {int(answer.rpartition(b"\r\n")[2]) for answer in answers if answer.split(maxsplit=2)[1] == b"200"}
    assert len(pids) <= PLACES
    assert function.invoke().payload in pids


def test_idle_environment_of_another_function_makes_room(small):
    source = "import os\ndef handler(event, context): return os.getpid()"
    pids = [_deploy(small, f"room-{number}", source).invoke().payload for number in range(PLACES + 2)]

    until(lambda: not psutil.pid_exists(pids[0]))
    assert sum(psutil.pid_exists(pid) for pid in pids) <= PLACES


def _sleeps(process):
    try:
        return process.status() == psutil.STATUS_SLEEPING
    except psutil.NoSuchProcess:
        return False


def test_slow_init_of_others_holds_up_nobody(small):
    """Two starts at once; four functions that take long to start, and then one that does not."""
    slow = [_deploy(small, f"slow-{n}", "import time\ntime.sleep(6)\ndef handler(e, c): pass") for n in range(4)]
    quick = _deploy(small, "quick", "def handler(event, context): return 'quick'")
    callers = [threading.Thread(target=function.invoke) for function in slow]
    for caller in callers:
        caller.start()
    until(lambda: sum(map(_sleeps, processes.of_instance(small.instance))) > 2)

    assert quick.invoke().payload == "quick"

    assert any(caller.is_alive() for caller in callers)
    for caller in callers:
        caller.join()


def test_stop_under_load(small):
    """The last test of this engine: what was sent is answered or refused, and nothing is left."""
    function = _deploy(small, "busy", "import time\ndef handler(event, context): time.sleep(0.05)")
    outcomes: Counter[str] = Counter()

    def call():
        while True:
            try:
                function.invoke()
            except ClientError as error:
                outcomes[error.response["Error"]["Code"]] += 1
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                    return
            except BotoCoreError:
                outcomes["connection"] += 1
                return
            else:
                outcomes["answered"] += 1

    callers = [threading.Thread(target=call) for _ in range(8)]
    for caller in callers:
        caller.start()
    until(lambda: outcomes["answered"] >= 50)

    small.stop()

    for caller in callers:
        caller.join(60)
    assert processes.of_instance(small.instance) == []
    assert not any(caller.is_alive() for caller in callers)
