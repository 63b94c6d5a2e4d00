"""How many batches of a queue are in work at once."""

import json
import time

import pytest
import requests

from tests.engine.event_sources.recorder import most_at_once
from tests.waiting import until


def test_maximum_concurrency_is_never_exceeded(make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record(), ScalingConfig={"MaximumConcurrency": 2})

    queue.send(*({"n": n, "sleep": 0.1} for n in range(30)))

    until(lambda: len(recorder.succeeded()) == 30 and queue.is_empty)
    assert sorted(recorder.numbers()) == list(range(30))
    assert most_at_once(recorder.invocations()) == 2


def test_five_batches_at_first_and_more_while_messages_wait(make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record())

    began = time.time()
    queue.send(*({"n": n, "gate": recorder.gate} for n in range(14)))

    until(lambda: len(recorder.running()) >= 5)
    in_flight = queue.in_flight
    assert in_flight <= 5 + 5 * (time.time() - began + 1)  # at most one second's growth more than seconds are over
    until(lambda: len(recorder.running()) == 14)
    recorder.open_gate()
    until(lambda: len(recorder.succeeded()) == 14 and queue.is_empty)
    # Five more a second, no faster: the eleventh starts in the second after that in which the sixth may.
    starts = sorted(seen.started for seen in recorder.invocations())
    assert starts[10] - began > 0.5


@pytest.mark.parametrize("fifo", [False, True])
def test_throttled_messages_wait_without_being_counted_as_received(
    aws, engine, make_queue, record, connect, recorder, fifo
):
    dead = make_queue(fifo=fifo)
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = make_queue(fifo=fifo, VisibilityTimeout=1, RedrivePolicy=redrive)
    function = record()
    client = aws("lambda")
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    connect(queue.arn, function)

    for n in range(3):
        queue.send({"n": n}, group="a" if fifo else None)

    # Retries are a second apart by then: several visibility timeouts are over.
    until(lambda: _functions(engine)[function.name]["throttles"] >= 10)
    assert recorder.numbers() == []
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)
    until(lambda: len(recorder.numbers()) == 3 and queue.is_empty)
    assert not fifo or recorder.numbers() == [0, 1, 2]
    counts = {seen.records[0]["attributes"]["ApproximateReceiveCount"] for seen in recorder.invocations()}
    assert counts == {"1"}
    assert dead.visible == 0


def test_reserved_concurrency_below_the_number_of_batches_loses_and_repeats_nothing(
    aws, make_queue, record, connect, recorder
):
    queue = make_queue(VisibilityTimeout=5)
    function = record()
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=2)
    connect(queue.arn, function)

    queue.send(*({"n": n, "sleep": 0.02} for n in range(60)))

    until(lambda: len(recorder.succeeded()) == 60 and queue.is_empty)
    assert sorted(recorder.numbers()) == list(range(60))
    assert most_at_once(recorder.invocations()) <= 2


def _functions(engine):
    return requests.get(f"{engine.endpoint}/_loadstack/functions", timeout=5).json()
