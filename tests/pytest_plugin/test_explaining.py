"""What ``wait_for`` says of what cannot be waited for, without an engine."""

import functools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_loadstack import hints
from pytest_loadstack.conditions import name_of
from pytest_loadstack.inbox import Inbox
from pytest_loadstack.patience import Patience
from pytest_loadstack.refusals import told_in_a_line
from pytest_loadstack.wait_for import WaitFor

PATIENCE = Patience(lambda: None)


class Queue:
    """A client of SQS whose queue has messages of these bodies, once."""

    def __init__(self, *bodies: str) -> None:
        self._bodies = bodies

    def receive_message(self, **_: Any) -> dict[str, Any]:
        messages = [{"Body": body, "ReceiptHandle": "r"} for body in self._bodies]
        self._bodies = ()
        return {"Messages": messages}

    def delete_message_batch(self, **_: Any) -> None: ...

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {}


LINES = (
    ("/aws/lambda/orders", 1, "[ERROR] KeyError: 'a'\nTraceback (most recent call last):"),
    ("/aws/lambda/orders", 4, '{"level":"ERROR","message":"no stock"}'),
    ("/aws/lambda/orders", 5, "no errors here"),
    ("/aws/lambda/mail", 2, "2026-01-01 1f Task timed out after 3.00 seconds"),
    ("/aws/lambda/mail", 3, '{"level": "ERROR", "message": "no address"}'),
)


class Pages:
    """A paginator of CloudWatch Logs, of two functions' groups."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def paginate(self, logGroupName: str = "", **_: Any) -> list[dict[str, Any]]:
        if self._operation == "describe_log_groups":
            return [{"logGroups": [{"logGroupName": name} for name in sorted({line[0] for line in LINES})]}]
        events = [{"timestamp": at, "message": text} for group, at, text in LINES if group == logGroupName]
        return [{"events": events}]


def test_last_three_errors_of_functions_are_quoted_in_their_order() -> None:
    class Client:
        get_paginator = staticmethod(Pages)

    said = hints.errors_of_functions(lambda service: Client(), 0)

    assert said.splitlines()[2:] == [
        "  mail: 2026-01-01 1f Task timed out after 3.00 seconds",
        '  mail: {"level": "ERROR", "message": "no address"}',
        '  orders: {"level":"ERROR","message":"no stock"}',
    ]


def test_look_that_fails_says_nothing() -> None:
    def broken(service: str) -> Any:
        raise OSError(service)

    assert hints.errors_of_functions(broken, 0) == hints.consumers(broken, "http://queue") == ""


def test_matcher_that_raises_is_told_with_the_message() -> None:
    inbox = Inbox(Queue("hello, no JSON"), "http://queue", PATIENCE)

    with pytest.raises(pytest.fail.Exception, match=r"ValueError: the message is no JSON .*\n  hello, no JSON"):
        inbox.take(lambda message: message.json["n"], 1, "No message")


def test_why_nothing_came_is_asked_only_where_nothing_came() -> None:
    with pytest.raises(pytest.fail.Exception, match="no message, for it is another's"):
        Inbox(Queue(), "http://queue", PATIENCE, lambda: ", for it is another's").take(None, 0, "None")
    with pytest.raises(pytest.fail.Exception, match=r"1 message, the last:\n  a$"):
        Inbox(Queue("a"), "http://queue", PATIENCE, lambda: "another's").take(lambda message: False, 0, "None")


def test_refusal_of_aws_is_a_line() -> None:
    refused: Any = {"Error": {"Code": "ResourceNotFoundException", "Message": "No\nbus"}}

    with pytest.raises(pytest.fail.Exception) as failure, told_in_a_line("wait_for.events('b')"):
        raise ClientError(refused, "PutRule")

    assert str(failure.value) == "wait_for.events('b'): ResourceNotFoundException: No bus (PutRule)"
    assert failure.value.__suppress_context__


def test_conditions_have_names() -> None:
    def is_there() -> bool:
        return True

    count = 2
    assert name_of(is_there) == "is_there()"
    assert name_of(lambda: count == 3) == "`count == 3`"
    assert [name_of(each) for each in (lambda: 1, lambda: 2)] == ["The condition"] * 2
    assert name_of(functools.partial(max, 1, 2)) == "The condition"


@pytest.mark.parametrize("timeout", [-1, float("nan"), None, "5"])
def test_timeout_that_is_no_time_is_refused(timeout: Any) -> None:
    with pytest.raises(ValueError, match=r"timeout=.*: give seconds, 0 or more"):
        PATIENCE.wait(lambda left: True, timeout, str)


def test_condition_that_cannot_be_called_is_refused() -> None:
    session: Any = None
    condition: Any = None
    with pytest.raises(TypeError, match=r"takes a condition to call, .* and not None"):
        WaitFor(session, lambda: None, 0)(condition)
