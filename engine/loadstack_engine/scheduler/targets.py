"""What a schedule sends to its target: templated targets and universal ones."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from botocore import xform_name
from localstack.aws.connect import connect_to
from localstack.utils.aws.arns import extract_account_id_from_arn, extract_region_from_arn, extract_service_from_arn

from loadstack_engine.dead_letters import send_dead_letter
from loadstack_engine.failures import Failure
from loadstack_engine.iam import services as iam
from loadstack_engine.in_process import Client, queue_url
from loadstack_engine.redelivery import REDELIVERY, Delivery, RetryPolicy
from loadstack_engine.usage.meter import USAGE

# The names of the AWS SDK for Java, which universal targets use, where boto3's are others.
_SDK_NAMES = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs", "elasticloadbalancing": "elb"}
_ORIGIN = "scheduler"


@dataclass(frozen=True)
class Execution:
    """One invocation of a schedule, however many attempts it takes."""

    schedule_arn: str
    target: dict[str, Any]
    scheduled: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        arn: str = self.target["Arn"]
        return arn

    @property
    def scheduled_time(self) -> str:
        return self.scheduled.strftime("%Y-%m-%dT%H:%M:%SZ")

    def payload(self, attempt: int) -> str:
        """The target's ``Input`` with its context attributes filled in; a notification where there is none.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        """
        text: str = self.target.get("Input") or json.dumps(self._notification())
        attributes = {
            "schedule-arn": self.schedule_arn,
            "scheduled-time": self.scheduled_time,
            "execution-id": self.id,
            "attempt-number": str(attempt),
        }
        for name, value in attributes.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    def _notification(self) -> dict[str, Any]:
        return {
            "version": "0",
            "id": self.id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": extract_account_id_from_arn(self.schedule_arn),
            "time": self.scheduled_time,
            "region": extract_region_from_arn(self.schedule_arn),
            "resources": [self.schedule_arn],
            "detail": "{}",
        }

    @property
    def role(self) -> str:
        role: str = self.target.get("RoleArn") or ""
        return role

    def client(self, service: str) -> Any:
        account_id, region = extract_account_id_from_arn(self.schedule_arn), extract_region_from_arn(self.schedule_arn)
        return connect_to(aws_access_key_id=account_id, region_name=region).get_client(service)

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> None:
        """Of a service that LocalStack reaches over a client of botocore's; ``operation`` by the API's name."""
        client = self.client(service)
        if self.role:
            iam.asked(self.role, _ORIGIN, service, operation, parameters, client.meta.region_name)
        getattr(client, xform_name(operation))(**parameters)


def invoke(schedule: Any, due: datetime) -> None:
    """Deliver it, with the retry policy and the dead-letter queue of the target; raises nothing."""
    execution = Execution(schedule.arn, schedule.target, due)
    USAGE.add(("scheduler", "invocations"))
    name = f"Schedule {schedule.arn} for {execution.arn}"
    give_up = partial(_dead_letter, execution)
    REDELIVERY.deliver(Delivery(name, partial(send, execution), give_up, RetryPolicy.of(schedule.target)))


def send(execution: Execution, attempt: int) -> None:
    """One attempt; raises what the target answers."""
    service = extract_service_from_arn(execution.arn)
    if service not in _SENDERS:
        raise NotImplementedError(f"Targets of {service} are not implemented: use a universal target")
    _SENDERS[service](execution, execution.payload(attempt))


def _dead_letter(execution: Execution, failure: Failure, attributes: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"""
    queue_arn = (execution.target.get("DeadLetterConfig") or {}).get("Arn")
    if queue_arn:
        about = {
            "SCHEDULE_ARN": execution.schedule_arn,
            "TARGET_ARN": execution.arn,
            "EXECUTION_ID": execution.id,
            "SCHEDULED_TIME": execution.scheduled_time,
            "ERROR_CODE": failure.code,
            "IS_PAYLOAD_TRUNCATED": "false",
        }
        send_dead_letter(queue_arn, execution.payload(int(attributes["RETRY_ATTEMPTS"]) + 1), about | attributes)


def _to_queue(execution: Execution, payload: str) -> None:
    group = execution.target.get("SqsParameters") or {}
    Client.of("sqs", execution.arn, _ORIGIN, execution.role).send_message(
        QueueUrl=queue_url(execution.arn), MessageBody=payload, **group
    )


def _to_topic(execution: Execution, payload: str) -> None:
    Client.of("sns", execution.arn, _ORIGIN, execution.role).publish(TopicArn=execution.arn, Message=payload)


def _to_function(execution: Execution, payload: str) -> None:
    Client.of("lambda", execution.arn, _ORIGIN, execution.role).invoke(
        FunctionName=execution.arn, Payload=payload.encode(), InvocationType="Event"
    )


def _to_state_machine(execution: Execution, payload: str) -> None:
    Client.of("stepfunctions", execution.arn, _ORIGIN, execution.role).start_execution(
        stateMachineArn=execution.arn, input=payload
    )


def _to_bus(execution: Execution, payload: str) -> None:
    entry = {"EventBusName": execution.arn, "Detail": payload, **execution.target["EventBridgeParameters"]}
    answer = Client.of("events", execution.arn, _ORIGIN, execution.role).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise ValueError(answer["Entries"][0]["ErrorMessage"])


def _to_stream(execution: Execution, payload: str) -> None:
    stream, key = execution.arn.split("/", 1)[1], execution.target["KinesisParameters"]["PartitionKey"]
    execution.call("kinesis", "PutRecord", {"StreamName": stream, "Data": payload.encode(), "PartitionKey": key})


def _to_firehose(execution: Execution, payload: str) -> None:
    stream = execution.arn.split("/", 1)[1]
    execution.call("firehose", "PutRecord", {"DeliveryStreamName": stream, "Record": {"Data": payload.encode()}})


def _to_operation(execution: Execution, payload: str) -> None:
    """``arn:aws:scheduler:::aws-sdk:sqs:sendMessage``: the payload is the operation's parameters."""
    service, action = execution.arn.split(":")[-2:]
    sdk_name = _SDK_NAMES.get(service, service)
    model = execution.client(sdk_name).meta.service_model
    operation = next((name for name in model.operation_names if name.lower() == action.lower()), None)
    if operation is None:
        raise ValueError(f"{service} has no operation {action}")
    shape = model.operation_model(operation).input_shape
    names = {name.lower(): name for name in shape.members} if shape else {}
    parameters = {names.get(name.lower(), name): value for name, value in json.loads(payload).items()}
    execution.call(sdk_name, operation, parameters)


_SENDERS: dict[str, Callable[[Execution, str], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "states": _to_state_machine,
    "events": _to_bus,
    "kinesis": _to_stream,
    "firehose": _to_firehose,
    "scheduler": _to_operation,
}
