"""Sending back, against a service that fails at the worst moment."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bootstrap.references import Kind, Place, Ref
from sandbox import redrive
from sandbox.dead_letters.homes import Home
from sandbox.redrive import RedriveError

SWEEP = Home("orders-async-dlq", Ref(Kind.FUNCTION, "orders"), "orders", "/aws/lambda/orders")
PAYMENTS = Home("payments-dlq", Ref(Kind.QUEUE, "payments"), "payments", "/aws/lambda/payments")
SAGA = Home("order-saga-dlq", Ref(Kind.STATE_MACHINE, "order-saga"), None, None)
BEFORE = datetime.now(UTC) - timedelta(minutes=1)


@dataclass
class Service:
    """SQS and Lambda in one; `fail_at` is the invocation that raises, and `did` what was done, in order."""

    messages: dict[str, datetime] = field(default_factory=dict)
    fail_at: int = 10**9
    hidden: set[str] = field(default_factory=set)
    did: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    started: list[dict[str, str]] = field(default_factory=list)

    def receive_message(self, **_: Any) -> dict[str, Any]:
        """The oldest message that is visible; it is hidden then."""
        for name, sent_at in self.messages.items():
            if name in self.hidden:
                continue
            self.hidden.add(name)
            system = {"SentTimestamp": str(int(sent_at.timestamp() * 1000)), "ApproximateReceiveCount": "1"}
            return {"Messages": [{"MessageId": name, "ReceiptHandle": name, "Body": name, "Attributes": system}]}
        return {}

    def change_message_visibility_batch(self, Entries: list[dict[str, Any]], **_: Any) -> None:
        """It can be received again."""
        self.did += [f"release {entry['ReceiptHandle']}" for entry in Entries]
        self.hidden -= {entry["ReceiptHandle"] for entry in Entries}

    def delete_message(self, ReceiptHandle: str, **_: Any) -> None:
        """It is gone."""
        self.did.append(f"delete {ReceiptHandle}")
        del self.messages[ReceiptHandle]

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:
        """Take an event, or die of Ctrl-C."""
        assert (FunctionName, InvocationType) == ("orders", "Event")
        if len([each for each in self.did if each.startswith("invoke")]) == self.fail_at:
            raise KeyboardInterrupt
        self.did.append(f"invoke {Payload.decode()}")

    def list_message_move_tasks(self, **_: Any) -> dict[str, Any]:
        """The newest task; each look takes it one step further."""
        return {"Results": [self.tasks.pop(0)] if self.tasks else []}

    def start_message_move_task(self, **request: str) -> None:
        """Note what was asked for."""
        self.started.append(request)


def raising(error: type[BaseException]) -> Callable[..., None]:
    """A call that fails."""

    def fail(**_: Any) -> None:
        raise error

    return fail


def clients(service: Service) -> Any:
    """Clients of an endpoint that is this service."""
    return SimpleNamespace(sqs=service, lambda_=service, place=Place())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at once."""
    monkeypatch.setattr(redrive, "_POLL_S", 0)


def test_event_is_taken_out_after_it_was_invoked() -> None:
    service = Service({"a": BEFORE, "b": BEFORE})
    assert redrive._send_back(clients(service), SWEEP, "url", {}) == 2
    assert service.did == ["invoke a", "delete a", "invoke b", "delete b"]


def test_interrupted_invocation_leaves_the_event_visible() -> None:
    service = Service({"a": BEFORE, "b": BEFORE}, fail_at=1)
    with pytest.raises(KeyboardInterrupt):
        redrive._send_back(clients(service), SWEEP, "url", {})
    assert service.did == ["invoke a", "delete a", "release b"]
    assert list(service.messages) == ["b"]


def test_event_that_failed_again_since_is_left() -> None:
    service = Service({"a": BEFORE, "again": datetime.now(UTC) + timedelta(minutes=1)})
    assert redrive._send_back(clients(service), SWEEP, "url", {}) == 1
    assert service.did == ["invoke a", "delete a", "release again"]


def test_messages_are_moved_to_the_queue_that_they_were_meant_for() -> None:
    done = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 3}
    service = Service(tasks=[{"Status": "COMPLETED"}, {"Status": "RUNNING"}, done])
    assert redrive._move(clients(service), PAYMENTS, "url") == 3
    arn = "arn:aws:sqs:us-east-1:000000000000:payments"
    assert service.started == [{"SourceArn": f"{arn}-dlq", "DestinationArn": arn}]


def test_task_that_runs_already_is_waited_for() -> None:
    done = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 3}
    service = Service(tasks=[{"Status": "RUNNING"}, {"Status": "RUNNING"}, done])
    assert redrive._move(clients(service), PAYMENTS, "url") == 3
    assert service.started == []


def test_move_that_fails_is_told_with_its_reason() -> None:
    service = Service(tasks=[{}, {"Status": "FAILED", "FailureReason": "AWS.SimpleQueueService.NonExistentQueue"}])
    with pytest.raises(RedriveError, match=r"payments-dlq: moving ended as FAILED: .*NonExistentQueue\. The rest lies"):
        redrive._move(clients(service), PAYMENTS, "url")


class StepFunctions:
    """Executions by name; none twice."""

    class exceptions:  # as botocore names it
        class ExecutionAlreadyExists(Exception):
            pass

    def __init__(self) -> None:
        self.names: list[str] = []

    def start_execution(self, name: str, **_: str) -> None:
        """One more."""
        if name in self.names:
            raise self.exceptions.ExecutionAlreadyExists
        self.names.append(name)


def executions(service: Service) -> Any:
    """Clients of an endpoint with Step Functions; each message is the execution of that name."""
    return SimpleNamespace(sqs=service, stepfunctions=StepFunctions(), place=Place())


def failed(name: str) -> str:
    """What EventBridge tells of an execution."""
    return json.dumps({"detail": {"name": name, "stateMachineArn": "arn", "input": "{}", "status": "FAILED"}})


def test_execution_that_an_interrupted_redrive_started_is_taken_out() -> None:
    service = Service({failed("a"): BEFORE, failed("b"): BEFORE})
    account = executions(service)
    delete, service.delete_message = service.delete_message, raising(KeyboardInterrupt)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        redrive._send_back(account, SAGA, "url", {})
    service.delete_message = delete  # type: ignore[method-assign]

    assert redrive._send_back(account, SAGA, "url", {}) == 2
    assert (len(account.stepfunctions.names), service.messages) == (2, {})


def test_message_that_is_no_execution_stays_and_stops_nobody() -> None:
    service = Service({"not JSON": BEFORE, failed("b"): BEFORE})
    refused: dict[str, str] = {}

    assert redrive._send_back(executions(service), SAGA, "url", refused) == 1

    assert refused == {"not JSON": "no execution that failed, or one without its input"}
    assert list(service.messages) == ["not JSON"]
    assert service.did[-1] == "release not JSON"
