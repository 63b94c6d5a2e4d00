"""Where the outcome of an asynchronous invocation goes: destinations, and the function's dead-letter queue.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.lambda_models import (
    EventInvokeConfig,
    FunctionVersion,
    Invocation,
    InvocationResult,
)
from localstack.utils.aws.arns import extract_region_from_arn, sqs_queue_url_for_arn
from localstack.utils.aws.message_forwarding import send_event_to_target

from loadstack_engine.invocation_log import iso

LOG = logging.getLogger(__name__)

# Of the error's message the dead-letter queue gets the first kilobyte.
_ERROR_MESSAGE_CHARACTERS = 1024


@dataclass(frozen=True)
class Outcome:
    """How an asynchronous invocation ended.

    ``condition`` is ``Success``, ``RetriesExhausted``, ``EventAgeExceeded`` or ``ZeroReservedConcurrency``; ``result``
    None where the function never ran; ``attempts`` how often it did.
    """

    version: FunctionVersion
    invocation: Invocation
    condition: str
    attempts: int
    result: InvocationResult | None

    def record(self) -> dict[str, Any]:
        """What a destination gets."""
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": iso(int(datetime.now(UTC).timestamp() * 1000)),
            "requestContext": {
                "requestId": self.invocation.request_id,
                "functionArn": self.version.qualified_arn,
                "condition": self.condition,
                "approximateInvokeCount": self.attempts,
            },
            "requestPayload": json.loads(self.invocation.payload or b"{}"),
        }
        if self.result is not None:
            context = {"statusCode": 200, "executedVersion": self.version.id.qualifier}
            record["responseContext"] = context | ({"functionError": "Unhandled"} if self.result.is_error else {})
            record["responsePayload"] = json.loads(self.result.payload or b"null")
        return record


def deliver(outcome: Outcome, event_invoke_config: EventInvokeConfig | None) -> None:
    """To the destination of its kind, and where it failed to the dead-letter queue; what can't be sent is told."""
    kind = "OnSuccess" if outcome.condition == "Success" else "OnFailure"
    destinations = event_invoke_config.destination_config if event_invoke_config else {}
    target = (destinations.get(kind) or {}).get("Destination")
    dead_letters = outcome.version.config.dead_letter_arn
    for arn, send in ((target, _send_record), (dead_letters if kind == "OnFailure" else None, _send_dead_letter)):
        try:
            if arn:
                send(arn, outcome)
        except Exception as error:
            LOG.warning("The outcome of an invocation of %s was not sent to %s: %s", outcome.version.id, arn, error)


def _send_record(arn: str, outcome: Outcome) -> None:
    kind = "Success" if outcome.condition == "Success" else "Failure"
    send_event_to_target(
        target_arn=arn,
        event=outcome.record(),
        role=outcome.version.config.role,
        source_arn=outcome.version.id.unqualified_arn(),
        source_service="lambda",
        events_source="lambda",
        events_detail_type=f"Lambda Function Invocation Result - {kind}",
    )


def _send_dead_letter(arn: str, outcome: Outcome) -> None:
    """The event itself, with attributes for what went wrong."""
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": outcome.invocation.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200" if outcome.result else "429"},
        "ErrorMessage": {"DataType": "String", "StringValue": _error_message(outcome)},
    }
    body = outcome.invocation.payload.decode()
    clients = connect_to(aws_access_key_id=outcome.version.id.account, region_name=extract_region_from_arn(arn))
    if ":sqs:" in arn:
        url = sqs_queue_url_for_arn(arn)
        clients.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    else:
        clients.sns.publish(TopicArn=arn, Message=body, MessageAttributes=attributes)


def _error_message(outcome: Outcome) -> str:
    if outcome.result is None:
        return "Rate Exceeded."
    try:
        message = str(json.loads(outcome.result.payload)["errorMessage"])
    except (ValueError, LookupError, TypeError):
        message = "Unhandled"
    printable = "".join(character if character.isprintable() else " " for character in message)
    return printable[:_ERROR_MESSAGE_CHARACTERS] or "Unhandled"
