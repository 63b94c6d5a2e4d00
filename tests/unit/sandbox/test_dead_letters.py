"""Reading dead letters, without AWS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bootstrap.flows import Flow
from bootstrap.references import Kind, Ref
from bootstrap.resources import Function, Queue, Rule, Subscription
from bootstrap.shop import SHOP, stack
from bootstrap.streams import StreamMapping
from sandbox.dead_letters.executions import NotAnExecutionError, failed_execution
from sandbox.dead_letters.homes import Home, chosen, homes
from sandbox.dead_letters.messages import Message, content_of, peek
from sandbox.dead_letters.reasons import Reasons, failure_in
from sandbox.dlq import duration
from sandbox.errors import UsageError

SENT = datetime(2026, 11, 21, 10, 15, 30, tzinfo=UTC)
PAYMENTS = Home("payments-dlq", Ref(Kind.QUEUE, "payments"), "payments", "/aws/lambda/payments")
MAILS = Home("mails-dlq", Ref(Kind.QUEUE, "mails"), "mails", "/aws/lambda/mails", topics=("order-events",))
SWEEP = Home("orders-async-dlq", Ref(Kind.FUNCTION, "orders"), "orders", "/aws/lambda/orders")


def message(body: str = "{}", came_from_queue: bool = True, **attributes: str) -> Message:
    """A message that was sent at SENT."""
    return Message("m-1", "handle", body, SENT, 3, came_from_queue, attributes)


@dataclass
class Logs:
    """CloudWatch Logs that filters nothing; `asked` counts how often it was read."""

    lines: list[tuple[datetime, str]] = field(default_factory=list)
    asked: int = 0

    class exceptions:  # as botocore names it
        class ResourceNotFoundException(Exception):
            pass

    def get_paginator(self, operation: str) -> "Logs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, logGroupName: str, startTime: int, filterPattern: str) -> Iterator[dict[str, Any]]:
        assert filterPattern.startswith('"')
        self.asked += 1
        lines = [(int(at.timestamp() * 1000), text) for at, text in self.lines]
        yield {"events": [{"timestamp": at, "message": text} for at, text in lines if at >= startTime]}


def logged(message_id: str, trace: str, name: str, after_s: float = 1) -> tuple[datetime, str]:
    """A line of Powertools' logger."""
    line = {"level": "ERROR", "message_id": message_id, "exception": trace, "exception_name": name}
    return SENT + timedelta(seconds=after_s), json.dumps(line)


def reason(home: Home, dead: Message, *lines: tuple[datetime, str]) -> str:
    """Why `dead` lies there."""
    logs: Any = Logs(list(lines))
    return Reasons(logs, home, [dead]).of(dead)


def test_every_dead_letter_queue_of_the_shop_has_one_home() -> None:
    known = homes(SHOP)
    named = {each.dead_letter.queue.name for each in SHOP.of(Queue) if each.dead_letter}
    named |= {each.dead_letters.name for each in SHOP.of(Function) if each.dead_letters}
    named |= {each.dead_letters.name for each in SHOP.of(StreamMapping) if each.dead_letters}
    assert known.keys() == named
    for rule in SHOP.of(Rule):
        for target in rule.targets:
            assert target.dead_letters is not None
            assert known[target.dead_letters.name].place == target.ref
    for subscription in SHOP.of(Subscription):
        assert subscription.dead_letters is not None
        assert known[subscription.dead_letters.name].place == subscription.queue
        assert known[subscription.dead_letters.name].topics == ("order-events",)


def test_queue_is_named_by_itself_or_by_what_it_is_for() -> None:
    assert chosen(SHOP, "payments") == chosen(SHOP, "payments-dlq")
    assert chosen(SHOP, "payments").function == "payments"
    assert chosen(SHOP, "orders").queue == "orders-dlq"
    assert chosen(SHOP, "orders-async-dlq").place == Ref(Kind.FUNCTION, "orders")
    with pytest.raises(UsageError, match=r"QUEUE=returns has no dead-letter queue; there are .*payments-dlq"):
        chosen(SHOP, "returns")


EVENT = {"metadata": {"correlationId": "c"}, "data": {"orderId": "o"}}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (json.dumps({"detail-type": "OrderPlaced", "detail": EVENT}), ("OrderPlaced", "o", "c")),
        (json.dumps({"detail-type": "OrderPlaced", "detail": []}), ("OrderPlaced", None, None)),
        (json.dumps({"detail-type": "Scheduled Event", "detail": {}}), ("Scheduled Event", None, None)),
        (
            json.dumps({"stage": "confirmed", "orderId": "o", "correlationId": "c"}),
            ("announcement of confirmed", "o", "c"),
        ),
        (json.dumps({"items": [], "payment": {}}), ("order request", None, None)),
        ("no json", ("not JSON: no json", None, None)),
        ("[1]", ("no object: [1]", None, None)),
        ("{}", ("unknown: {}", None, None)),
        (json.dumps({"orderId": 7, "x": "y" * 99}), ('unknown: {"orderId": 7, "x": "' + "y" * 39 + "…", None, None)),
    ],
)
def test_content_is_what_the_message_tells(body: str, told: tuple[str, str | None, str | None]) -> None:
    content = content_of(message(body))
    assert (content.what, content.order_id, content.correlation_id) == told


def test_content_of_an_order_request_is_in_its_attributes() -> None:
    content = content_of(message('{"items": [], "payment": {}}', orderId="o", correlationId="c"))
    assert (content.order_id, content.correlation_id) == ("o", "c")


SAGA = Home("order-saga-dlq", Ref(Kind.STATE_MACHINE, "order-saga"), None, None)


def failed_saga(**detail: Any) -> str:
    """What EventBridge writes of an execution that failed."""
    about = {"name": "o", "stateMachineArn": "arn:machine", "status": "FAILED", "input": json.dumps({"order": EVENT})}
    return json.dumps({"detail-type": "Step Functions Execution Status Change", "detail": about | detail})


def test_failed_saga_is_told_by_its_order_and_by_how_it_ended() -> None:
    dead = message(failed_saga(error="Broken", cause="as often\nas told"))

    content = content_of(dead)

    assert (content.what, content.order_id, content.correlation_id) == ("execution of a state machine", "o", "c")
    assert reason(SAGA, dead) == "FAILED: Broken: as often as told"
    assert reason(SAGA, message(failed_saga(status="TIMED_OUT"))) == "TIMED_OUT"


@pytest.mark.parametrize("given", [None, "no json", {"order": EVENT}])
def test_execution_without_its_input_is_said_to_be_none(given: object) -> None:
    body = failed_saga(input=given)

    assert content_of(message(body)).order_id is None
    assert reason(SAGA, message(body)) == "no execution that failed, or one without its input"
    with pytest.raises(NotAnExecutionError):
        failed_execution(body)


def test_execution_is_named_anew_within_awss_length() -> None:
    failed = failed_execution(failed_saga(name="x" * 80))

    assert failed.name_again("12345678-9") == "x" * 71 + "-12345678"
    assert failed.order() == EVENT


def test_every_state_machine_has_a_home_for_its_dead_letters() -> None:
    assert homes(stack(Flow.SAGA))["order-saga-dlq"] == SAGA


TRACE = """Traceback (most recent call last):
  File "/var/task/common/consumer.py", line 51, in logged
botocore.exceptions.ClientError: the first one

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/var/task/common/consumer.py", line 60, in logged
pydantic_core._pydantic_core.ValidationError: 1 validation error for BusEnvelope
detail.data.orderId
  Field required [type=missing]
    For further information visit https://errors.pydantic.dev"""
TOLD = "ValidationError: 1 validation error for BusEnvelope detail.data.orderId Field required [type=missing]"


def test_reason_of_a_consumer_is_the_last_failure_that_it_logged() -> None:
    lines = (
        logged("m-1", "Traceback\nKeyError: 'first'", "KeyError"),
        logged("m-2", "Traceback\nOSError: of another message", "OSError", 2),
        logged("m-1", TRACE, "ValidationError", 3),
        (SENT, "START RequestId: 1"),
        (SENT, '["message_id"]'),
    )
    assert reason(PAYMENTS, message(), *lines) == TOLD


def test_failure_is_on_one_line_and_not_too_long() -> None:
    assert (
        failure_in({"exception": "Traceback\nValueError: a\n  b", "exception_name": "ValueError"}) == "ValueError: a b"
    )
    assert failure_in({"exception": "Traceback\nValueError", "exception_name": "ValueError"}) == "ValueError"
    assert failure_in({"exception": "cut off", "exception_name": "ValueError"}) == "ValueError"
    assert failure_in({"message": "no exception"}) is None
    long = failure_in({"exception": f"ValueError: {'x' * 999}", "exception_name": "ValueError"})
    assert long is not None
    assert len(long) == 301


def test_reason_of_a_function_that_was_ended_is_what_lambda_wrote() -> None:
    ended = (SENT + timedelta(seconds=9), "2026-11-21T10:15:39.000Z id Task timed out after 10.00 seconds")
    before = (SENT - timedelta(seconds=60), "2026-11-21T10:14:30.000Z id Task timed out after 9.00 seconds")
    quoted = (SENT + timedelta(seconds=10), '{"message": "Task timed out, said somebody"}')
    report = (SENT + timedelta(seconds=11), "REPORT RequestId: id Status: timeout")
    told = reason(PAYMENTS, message(), before, ended, quoted, report)
    assert told == f"payments logged no failure of it, and was ended since: {ended[1]}"


def test_reason_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert reason(PAYMENTS, message()) == "payments logged no failure of it, or the log is gone"
    nobody = replace(PAYMENTS, function=None, log_group=None)
    assert reason(nobody, message()) == "no function reads this queue"


def test_reason_of_eventbridge_lambda_and_sns_is_their_own() -> None:
    undelivered = message(came_from_queue=False, ERROR_CODE="NO_RESOURCE", ERROR_MESSAGE="gone")
    assert reason(PAYMENTS, undelivered) == "EventBridge could not deliver it: NO_RESOURCE: gone"
    assert reason(PAYMENTS, message(ERROR_CODE="NO_RESOURCE")) == "EventBridge could not deliver it: NO_RESOURCE"
    failed = message(ErrorCode="200", ErrorMessage="boom")
    assert reason(SWEEP, failed) == "orders failed: 200: boom"
    assert "SNS could not deliver it to the queue mails" in reason(MAILS, message(came_from_queue=False))


def test_log_is_read_once_for_all_messages() -> None:
    logs: Any = Logs([logged("m-1", "KeyError: 'a'", "KeyError")])
    dead = [message(), message()]
    reasons = Reasons(logs, PAYMENTS, dead)
    assert [reasons.of(each) for each in dead] == ["KeyError: 'a'"] * 2
    assert logs.asked == 1


@dataclass
class Sqs:
    """A queue of `count` messages; those that were received are hidden until they are released."""

    count: int
    hidden: set[str] = field(default_factory=set)
    released: list[str] = field(default_factory=list)

    def receive_message(self, **request: Any) -> dict[str, Any]:
        assert request["VisibilityTimeout"] > 0
        free = [str(n) for n in range(self.count) if str(n) not in self.hidden][: request["MaxNumberOfMessages"]]
        self.hidden |= set(free)
        system = {"SentTimestamp": "1795256130123", "ApproximateReceiveCount": "4"}
        return {
            "Messages": [{"MessageId": each, "ReceiptHandle": each, "Body": "", "Attributes": system} for each in free]
        }

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:
        assert len(Entries) <= 10
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        assert {entry["VisibilityTimeout"] for entry in Entries} == {0}
        self.released += [entry["ReceiptHandle"] for entry in Entries]


@pytest.mark.parametrize(("count", "seen"), [(0, 0), (1, 1), (25, 25), (35, 30)])
def test_peek_shows_up_to_the_limit_and_makes_all_visible_again(count: int, seen: int) -> None:
    sqs: Any = Sqs(count)
    with peek(sqs, "url", limit=30) as messages:
        assert len(messages) == seen
        assert sqs.released == []
    assert set(sqs.released) == sqs.hidden


def test_interrupted_peek_makes_all_visible_again() -> None:
    sqs: Any = Sqs(3)
    with pytest.raises(KeyboardInterrupt), peek(sqs, "url"):
        raise KeyboardInterrupt
    assert sorted(sqs.released) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d")]
)
def test_age_is_in_the_largest_unit(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text
