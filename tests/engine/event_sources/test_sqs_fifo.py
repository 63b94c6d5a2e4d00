"""FIFO queues: groups at once, each in order."""

import random

import pytest

from tests.engine.event_sources.recorder import most_at_once
from tests.waiting import until

PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_groups_are_in_work_at_once_and_a_group_never_with_itself(make_queue, record, connect, recorder):
    queue = make_queue(fifo=True)
    connect(queue.arn, record())

    for group in "abcd":
        queue.send(*({"n": n, "group": group, "gate": recorder.gate} for n in range(2)), group=group)

    until(lambda: len(recorder.running()) == 4)
    assert {seen.orders[0]["group"] for seen in recorder.running()} == set("abcd")
    recorder.open_gate()
    until(lambda: len(recorder.succeeded()) == 8 and queue.is_empty)
    _assert_in_order(recorder, {group: [0, 1] for group in "abcd"})


def test_failing_group_holds_up_itself_alone(make_queue, record, connect, recorder):
    """Also while another group's messages are in work, which are in flight for longer."""
    queue = make_queue(fifo=True, VisibilityTimeout=8)
    connect(queue.arn, record())

    queue.send({"n": 0, "group": "slow", "gate": recorder.gate}, group="slow")
    until(recorder.running)
    queue.send({"n": 1, "group": "failing", "fail": 1}, {"n": 2, "group": "failing"}, group="failing")
    queue.send({"n": 3, "group": "good"}, group="good")

    until(lambda: recorder.numbers().count(1) >= 2 and {2, 3} <= set(recorder.numbers()))
    assert [n for n in recorder.numbers() if n in (1, 2)] == [1, 1, 2]
    recorder.open_gate()


@pytest.mark.parametrize("batch_size", [1, 3, 10])
def test_order_holds_whatever_fails(make_queue, record, connect, recorder, batch_size):
    """Random messages of random groups fail once or twice; the function stops its batch at a failure, as AWS asks."""
    chance = random.Random(batch_size)
    queue = make_queue(fifo=True, VisibilityTimeout=6)
    connect(queue.arn, record(partial=True, STOP_AT_FAILURE="1"), BatchSize=batch_size, **PARTIAL)
    sent: dict[str, list[int]] = {group: [] for group in "abcdef"}

    for n in range(30):
        group = chance.choice("abcdef")
        sent[group].append(n)
        queue.send({"n": n, "group": group, "fail": chance.choice([0] * 12 + [1, 2])}, group=group)

    until(lambda: len(recorder.succeeded()) == 30 and queue.is_empty, timeout_s=90)
    _assert_in_order(recorder, sent)


def _assert_in_order(recorder, sent):
    """Each group's messages succeeded in the order they were sent, and no two of its batches overlapped."""
    for group, numbers in sent.items():
        invocations = [seen for seen in recorder.invocations() if seen.orders[0]["group"] == group]
        assert all(order["group"] == group for seen in invocations for order in seen.orders)
        done = [
            order["n"]
            for seen in invocations
            for order, each in zip(seen.orders, seen.records, strict=True)
            if each["messageId"] not in seen.failed
        ]
        assert done == numbers
        assert most_at_once(invocations) == 1
