"""100,000 invocations: memory stays flat, and nothing is left over."""

import http.client
import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psutil
import pytest
import requests
from tenacity import RetryError

from sandbox import processes
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import Aws, free_port
from tests.engine.conftest import ROLE
from tests.engine.functions import archive
from tests.waiting import until

_ROUNDS = 10
_WARM_ROUNDS = 2  # buffers, caches and kept log lines are full then
_CALLS_A_ROUND, _EVENTS_A_ROUND, _MESSAGES_A_ROUND = 6_000, 3_900, 1_000
_BATCH = 10  # messages an invocation
_CONNECTIONS = 8
_GROWTH = 1.04

SOURCE = "def handler(event, context):\n    print('one line')\n    return {'statusCode': 200}"


@pytest.fixture
def engine_with_short_log(tmp_path_factory, monkeypatch) -> Iterator[HostEngine]:
    """Log lines are kept up to a bound: one that is reached while everything else warms up too."""
    monkeypatch.setenv("LOADSTACK_LOG_LINES", "10000")
    engine = HostEngine(tmp_path_factory.mktemp("endurance").resolve(), free_port(), DEVELOPMENT)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


class Load:
    """Sends what a round has of each kind, over connections that stay open for its time."""

    def __init__(self, engine: HostEngine, function: str, queue_url: str) -> None:
        self._engine = engine
        self._path = f"/2015-03-31/functions/{function}/invocations"
        self._function = function
        self._queue_url = queue_url
        self._aws = Aws(engine.endpoint)
        self.expected = 0

    def round(self) -> None:
        """Returns when all of it has been processed."""
        self._invoke("RequestResponse", _CALLS_A_ROUND)
        self._invoke("Event", _EVENTS_A_ROUND)
        entries = [{"Id": str(n), "MessageBody": "m"} for n in range(_BATCH)]
        for _ in range(_MESSAGES_A_ROUND // _BATCH):
            self._aws("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        self.expected += _CALLS_A_ROUND + _EVENTS_A_ROUND
        until(lambda: self.invocations() >= self.expected and self._depth() == 0)

    def invocations(self) -> int:
        figures = requests.get(f"{self._engine.endpoint}/_loadstack/functions", timeout=60).json()
        return figures.get(self._function, {}).get("invocations", 0)

    def _depth(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self._aws("sqs").get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def _invoke(self, kind: str, count: int) -> None:
        numbers = itertools.count()
        lock = threading.Lock()

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self._engine.port, timeout=60)
            headers = {"X-Amz-Invocation-Type": kind, "Authorization": _SIGNED}
            while True:
                with lock:
                    number = next(numbers)
                if number >= count:
                    break
                connection.request("POST", self._path, body=json.dumps({"number": number}), headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status in (200, 202), body
                assert "X-Amz-Function-Error" not in answer.headers
            connection.close()

        with ThreadPoolExecutor(_CONNECTIONS) as executor:
            for done in [executor.submit(work) for _ in range(_CONNECTIONS)]:
                done.result()


_SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x"


def localstack_of(engine):
    (found,) = [each for each in processes.of_instance(engine.instance) if "localstack.runtime.main" in each.cmdline()]
    return found


def left_over(engine, localstack):
    """What could be: processes, threads, open files, established connections."""
    return {
        "processes": len(processes.of_instance(engine.instance)),
        "threads": localstack.num_threads(),
        "files": localstack.num_fds(),
        "connections": sum(each.status == psutil.CONN_ESTABLISHED for each in localstack.net_connections()),
    }


@contextmanager
def deployed(aws, queue_url) -> Iterator[str]:
    """A function with a mapping, for a time."""
    client = aws("lambda")
    attributes = aws("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    name, code = "endurance", {"ZipFile": archive({"app.py": SOURCE})}
    client.create_function(
        FunctionName=name, Code=code, Runtime="python3.13", Role=ROLE, Handler="app.handler", Timeout=60
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
    mapping = client.create_event_source_mapping(
        EventSourceArn=attributes["QueueArn"],
        FunctionName=name,
        BatchSize=_BATCH,
        ScalingConfig={"MaximumConcurrency": 5},
    )["UUID"]
    yield name
    client.delete_event_source_mapping(UUID=mapping)
    client.delete_function(FunctionName=name)


@pytest.mark.slow
@pytest.mark.xdist_group("endurance")
@pytest.mark.timeout(900)
def test_hundred_thousand_invocations_leave_nothing(engine_with_short_log):
    """Against what is there after the first 20,000: threads and connections that wait for more work stay."""
    engine = engine_with_short_log
    aws = Aws(engine.endpoint)
    localstack = localstack_of(engine)
    url = aws("sqs").create_queue(QueueName="endurance")["QueueUrl"]
    load = Load(engine, "endurance", url)
    idle = len(processes.of_instance(engine.instance))

    with deployed(aws, url):
        for _ in range(_WARM_ROUNDS):
            load.round()
        warm_bytes = localstack.memory_info().rss
    until(lambda: len(processes.of_instance(engine.instance)) <= idle)
    before = left_over(engine, localstack)
    with deployed(aws, url):
        for _ in range(_ROUNDS - _WARM_ROUNDS):
            load.round()
        assert load.invocations() >= 100_000
        assert localstack.memory_info().rss < warm_bytes * _GROWTH

    with suppress(RetryError):
        until(lambda: not more_than(before, left_over(engine, localstack)))
    assert more_than(before, left_over(engine, localstack)) == {}


def more_than(before, now):
    return {name: (before[name], now[name]) for name in before if now[name] > before[name]}
