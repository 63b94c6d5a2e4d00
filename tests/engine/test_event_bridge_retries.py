"""Retry policies and dead-letter queues of rules' targets."""

import json

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import Aws, free_port
from tests.engine.messaging import HttpTarget, api_destination, bus_of, create_queue


def _gone(aws):
    queue = create_queue(aws)
    queue.client.delete_queue(QueueUrl=queue.url)
    return queue.arn


def _attributes(message):
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_event_for_a_target_that_is_gone_goes_to_the_dead_letter_queue_at_once(aws, bus, queue):
    gone = _gone(aws)
    rule = bus.rule({"Arn": gone, "InputPath": "$.detail", "DeadLetterConfig": {"Arn": queue.arn}})

    (event_id,) = bus.put({"number": 1})

    (message,) = queue.receive()
    body = json.loads(message["Body"])
    assert (body["id"], body["detail"]) == (event_id, {"number": 1})
    assert "event-bus-name" not in body
    assert _attributes(message) == {
        "RULE_ARN": rule,
        "TARGET_ARN": gone,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "RETRY_ATTEMPTS": "0",
    }


def test_failing_target_gets_the_event_again(aws, bus, queue):
    with HttpTarget(503, 429, 200) as target:
        bus.rule({"Arn": api_destination(aws, target.url), "DeadLetterConfig": {"Arn": queue.arn}})

        bus.put({"number": 1})

        target.wait_for(3)
        assert [json.loads(body)["detail"] for body in target.bodies] == [{"number": 1}] * 3
    assert queue.is_empty


def test_event_is_a_dead_letter_after_the_last_retry(aws, bus, queue):
    with HttpTarget(503) as target:
        arn = api_destination(aws, target.url)
        policy = {"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60}
        rule = bus.rule({"Arn": arn, "DeadLetterConfig": {"Arn": queue.arn}, "RetryPolicy": policy})

        bus.put({"number": 1})

        (message,) = queue.receive()
        assert len(target.bodies) == 2
    assert _attributes(message) == {
        "RULE_ARN": rule,
        "TARGET_ARN": arn,
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "HTTP 503 Service Unavailable",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "1",
    }


def test_error_that_another_try_does_not_mend_is_not_retried(aws, bus, queue):
    with HttpTarget(404) as target:
        bus.rule({"Arn": api_destination(aws, target.url), "DeadLetterConfig": {"Arn": queue.arn}})

        bus.put({"number": 1})

        (message,) = queue.receive()
        assert len(target.bodies) == 1
    assert _attributes(message)["RETRY_ATTEMPTS"] == "0"


def test_failing_target_does_not_keep_the_event_from_the_others(aws, bus, queue):
    bus.rule({"Arn": _gone(aws)}, {"Arn": queue.arn})

    bus.put({"number": 1})

    assert queue.bodies()[0]["detail"] == {"number": 1}


def test_event_that_waits_for_a_retry_is_tried_once_more_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setenv("LOADSTACK_EVENT_RETRY_BASE", "3600")
    engine = HostEngine(tmp_path.resolve(), free_port(), DEVELOPMENT)
    engine.start()
    try:
        aws = Aws(engine.endpoint)
        with HttpTarget(503, 200) as target:
            bus = bus_of(aws).__enter__()
            bus.rule({"Arn": api_destination(aws, target.url)})
            bus.put({"number": 1})
            target.wait_for(1)

            engine.stop()

            assert [json.loads(body)["detail"] for body in target.bodies] == [{"number": 1}] * 2
    finally:
        engine.stop()
