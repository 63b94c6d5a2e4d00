"""Executions of a state machine that failed for good: what EventBridge wrote of them into the dead-letter queue.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DETAIL_TYPE = "Step Functions Execution Status Change"
_MOST = 71


class NotAnExecutionError(ValueError):
    """The message is no execution that failed, or one whose input EventBridge left out for its length."""


@dataclass(frozen=True, slots=True)
class FailedExecution:
    """One execution: what it was started with, and how it ended."""

    name: str
    state_machine_arn: str
    input: str
    status: str
    error: str
    cause: str

    def name_again(self, message_id: str) -> str:
        """The name of an execution that does the same again: AWS takes no name twice, and at most 80 characters."""
        return f"{self.name[:_MOST]}-{message_id[:8]}"

    def reason(self) -> str:
        """Why it failed, on one line."""
        told = f"{self.error}: {self.cause}" if self.cause else self.error
        return f"{self.status}: {told}" if told else self.status

    def order(self) -> Mapping[str, Any]:
        """The event of the order that it was started with; empty where there is none."""
        given = json.loads(self.input)
        order = given.get("order") if isinstance(given, dict) else None
        return order if isinstance(order, dict) else {}


def failed_execution(body: str) -> FailedExecution:
    """The execution that a message is about. Raises NotAnExecutionError."""
    try:
        detail: Mapping[str, Any] = json.loads(body)["detail"]
        given = detail["input"]
        json.loads(given)
        return FailedExecution(
            name=str(detail["name"]),
            state_machine_arn=str(detail["stateMachineArn"]),
            input=given,
            status=str(detail["status"]),
            error=str(detail.get("error") or ""),
            cause=str(detail.get("cause") or ""),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnExecutionError("no execution that failed, or one without its input") from error
