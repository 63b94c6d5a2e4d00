"""The stack: a queue of readings with its dead-letter queue, a table, and the function between them.

`deploy` and `remove` take any boto3 session: the tests', which is pointed at the sandbox, or one for an account of AWS.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3

FUNCTION = Path(__file__).with_name("function")


@dataclass(frozen=True)
class Stack:
    """`name` is also the function's, the table's and the role's."""

    name: str
    queue_url: str
    dead_letters_url: str


def deploy(session: boto3.Session, name: str, retry_after_s: int = 30) -> Stack:
    """Create all of it, and return when it is ready. What fails is tried again after `retry_after_s` seconds, once."""
    sqs, lambda_ = session.client("sqs"), session.client("lambda")

    dead_letters_url = sqs.create_queue(QueueName=f"{name}-dead-letters")["QueueUrl"]
    redrive = {"deadLetterTargetArn": _arn(sqs, dead_letters_url), "maxReceiveCount": 2}
    attributes = {"VisibilityTimeout": str(retry_after_s), "RedrivePolicy": json.dumps(redrive)}
    queue_url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    table = session.resource("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "sensor", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "sensor", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()

    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="handler.handle",
        Role=_role(session, name, _arn(sqs, queue_url), table.table_arn),
        Code={"ZipFile": _zip(FUNCTION)},
        Timeout=min(5, retry_after_s),  # a message must be hidden for at least as long as the function may take
        Environment={"Variables": {"TABLE": name}},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
    lambda_.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=_arn(sqs, queue_url),
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    return Stack(name, queue_url, dead_letters_url)


def remove(session: boto3.Session, stack: Stack) -> None:
    """Take it away again, with the function's log."""
    sqs, lambda_, iam = session.client("sqs"), session.client("lambda"), session.client("iam")
    for mapping in lambda_.list_event_source_mappings(FunctionName=stack.name)["EventSourceMappings"]:
        lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    lambda_.delete_function(FunctionName=stack.name)
    for url in (stack.queue_url, stack.dead_letters_url):
        sqs.delete_queue(QueueUrl=url)
    session.client("dynamodb").delete_table(TableName=stack.name)
    iam.delete_role_policy(RoleName=stack.name, PolicyName=stack.name)
    iam.delete_role(RoleName=stack.name)
    session.client("logs").delete_log_group(logGroupName=f"/aws/lambda/{stack.name}")


def _arn(sqs, queue_url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def _role(session: boto3.Session, name: str, queue_arn: str, table_arn: str) -> str:
    """What the function may do: read its queue, write its table, log."""
    iam = session.client("iam")
    trust = [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]
    queue = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    grants = [
        {"Effect": "Allow", "Action": queue, "Resource": queue_arn},
        {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table_arn},
        {"Effect": "Allow", "Action": logs, "Resource": "*"},
    ]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(grants))
    return role["Arn"]


def _policy(statements: list[dict]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _zip(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.glob("*.py"):
            archive.write(file, file.name)
    return packed.getvalue()
