from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import gevent
import pytest

from loadtests import process_looks, queue_looks
from loadtests.address import resolve
from loadtests.looks import QueueLook
from loadtests.probe import queue_name
from loadtests.sampler import Sampler
from loadtests.stack import connect
from tests.loadtests.conftest import FakeStack, serving

QUEUES = ("inventory", "payments", "orders", "notifications")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sample between the first and the last, and no answer given up, however long the machine pauses."""
    monkeypatch.setattr("loadtests.sampler.INTERVAL_S", 60.0)
    monkeypatch.setattr("loadtests.stack._ROUTE_TIMEOUT_S", 60.0)


@pytest.fixture
def sqs(stack: FakeStack) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("sqs", endpoint_url=stack.url, region_name="us-east-1", **keys)  # type: ignore[call-overload]


@pytest.fixture
def send(sqs: Any) -> Any:
    """`send(queue, n)` puts n messages into a queue, which is empty again after the test."""
    sent: list[str] = []

    def put(queue: str, count: int) -> None:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        sent.append(url)
        for _ in range(count):
            sqs.send_message(QueueUrl=url, MessageBody="{}")

    yield put
    for url in sent:
        sqs.purge_queue(QueueUrl=url)


@pytest.fixture
def unused_address() -> Iterator[str]:
    """Where nobody listens, nor will as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def telling() -> Iterator[Callable[[dict[str, Any]], str]]:
    """`telling(answers)` serves JSON by path and returns its address."""
    with ExitStack() as servers:

        def serve(answers: dict[str, Any]) -> str:
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    body = json.dumps(answers[self.path]).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def log_message(self, *_: Any) -> None:
                    pass

            server = servers.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            servers.callback(thread.join)
            servers.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


def test_queues_of_any_endpoint_are_looked_at_one_by_one(stack: FakeStack, send: Callable[[str, int], None]) -> None:
    send("payments", 3)
    send("orders-dlq", 2)

    queues = queue_looks.find(connect(resolve(stack.url)))

    assert isinstance(queues, queue_looks.SqsQueues)
    alive, dead = queues.look(dead=False), queues.look(dead=True)
    assert (alive.keys(), dead.keys()) == (set(QUEUES), {f"{name}-dlq" for name in QUEUES})
    assert (alive["payments"], alive["orders"], dead["orders-dlq"]) == (QueueLook(3), QueueLook(0), QueueLook(2))


def test_queues_of_the_harness_are_left_out(stack: FakeStack, sqs: Any) -> None:
    url = sqs.create_queue(QueueName=queue_name())["QueueUrl"]
    try:
        assert set(queue_looks.find(connect(resolve(stack.url))).look(dead=False)) == set(QUEUES)
    finally:
        sqs.delete_queue(QueueUrl=url)


def test_sampler_counts_what_came_into_dead_letter_queues(stack: FakeStack, send: Callable[[str, int], None]) -> None:
    send("orders-dlq", 2)
    sampler = Sampler(connect(resolve(stack.url)))
    sampler.start()
    send("orders-dlq", 1)
    send("payments-dlq", 4)

    sampler.stop()

    assert sampler.dead_letters == {"inventory": 0, "payments": 4, "orders": 1, "notifications": 0}


@pytest.mark.usefixtures("patient")
def test_sampler_takes_a_first_and_a_last_sample(stack: FakeStack, send: Callable[[str, int], None]) -> None:
    sampler = Sampler(connect(resolve(stack.url)))
    sampler.start()
    gevent.sleep(0)  # the sampler's turn
    send("payments", 5)

    sampler.stop()
    sampler.stop()

    first, last = sampler.samples[0], sampler.samples[-1]
    assert (first.queues["payments"].depth, last.queues["payments"].depth) == (0, 5)
    assert first.at < last.at
    assert (last.functions["orders"].cold_starts, last.functions["orders"].concurrency) == (1, 0)
    assert first.cpu_s.keys() == {"harness"}
    assert 0 < first.cpu_s["harness"] <= last.cpu_s["harness"]
    assert last.memory_mb["harness"] > 10


@pytest.mark.usefixtures("patient")
def test_sampler_outlives_the_stack() -> None:
    with serving() as stack:
        sampler = Sampler(connect(resolve(stack.url)))
        sampler.start()
        gevent.sleep(0)

    sampler.stop()

    first, last = sampler.samples[0], sampler.samples[-1]
    assert set(first.queues) == set(QUEUES)
    assert (last.queues, last.functions, last.cpu_s.keys()) == ({}, {}, {"harness"})
    assert sampler.dead_letters == {}


def test_sampler_of_no_stack_samples_the_machine(unused_address: str) -> None:
    sampler = Sampler(connect(resolve(unused_address)))
    sampler.start()
    sampler.stop()
    (sample,) = sampler.samples
    assert (sample.queues, sample.functions) == ({}, {})
    assert 0 <= sample.cpu_percent <= 100


def test_parts_are_the_engines_and_the_harnesss_own(telling: Callable[[dict[str, Any]], str]) -> None:
    kinds = {"localstack": (10.0, 200_000_000), "other": (0.5, 1_000_000), "functions": (3.0, 90_000_000)}
    told = {kind: {"processes": 1, "cpu_s": cpu, "memory_bytes": memory} for kind, (cpu, memory) in kinds.items()}
    processes = process_looks.Processes(connect(resolve(telling({process_looks.ROUTE: told}))))

    cpu_s, memory_mb = processes.look()

    assert cpu_s.keys() == memory_mb.keys() == {"engine", "functions", "harness"}
    assert (cpu_s["engine"], cpu_s["functions"]) == (10.5, 3.0)
    assert (memory_mb["engine"], memory_mb["functions"]) == (201.0, 90.0)


def test_queues_of_another_region_or_account_are_not_the_shops(telling: Callable[[dict[str, Any]], str]) -> None:
    def queue(name: str, visible: int, region: str = "us-east-1", account: str = "000000000000") -> dict[str, Any]:
        hidden = {"in_flight": 1, "delayed": 1, "oldest_age_s": 2.5 if visible else None}
        fed = {"feeds": ["payments"] if name == "payments" else []}
        return {"name": name, "region": region, "account": account, "visible": visible, **hidden, **fed}

    others = [queue("payments", 9, region="eu-west-1"), queue("payments", 9, account="111111111111"), queue("new", 5)]
    told = [queue("payments", 3), queue("orders", 0), queue("orders-dlq", 1), *others]
    urls = {name: f"http://127.0.0.1/000000000000/{name}" for name in ("payments", "orders", "orders-dlq")}
    queues = queue_looks.EngineQueues(connect(resolve(telling({queue_looks.ROUTE: {"queues": told}}))), urls)

    assert queues.look(dead=False) == {
        "payments": QueueLook(5, 2.5, feeds=True),
        "orders": QueueLook(2, 0.0, feeds=False),
    }
    assert queues.look(dead=True) == {"orders-dlq": QueueLook(3, 2.5, feeds=False)}
