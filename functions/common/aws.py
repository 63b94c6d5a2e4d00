"""AWS clients, made once in an execution environment and reused by all its invocations.

Time-outs are short because the functions are: botocore's default of 60 s would outlive the function. A call gives up
after 3 s, and is tried three times; where AWS answers not at all, Lambda's own time-out comes first.
https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
"""

from functools import cache
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.config import _RetryDict
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

_STANDARD: Literal["standard"] = "standard"
_RETRIES: "_RetryDict" = {"mode": _STANDARD, "total_max_attempts": 3}
CONFIG = Config(connect_timeout=1, read_timeout=3, retries=_RETRIES, tcp_keepalive=True)


@cache
def dynamodb() -> "DynamoDBClient":
    """DynamoDB."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def events() -> "EventBridgeClient":
    """EventBridge."""
    return boto3.client("events", config=CONFIG)


@cache
def sns() -> "SNSClient":
    """SNS."""
    return boto3.client("sns", config=CONFIG)


@cache
def ses() -> "SESClient":
    """SES, without the SDK's retries: SES knows no idempotency key, and a slow answer must not make two mails.

    For the same reason it is waited for longer than others: it has sent what it was too slow to tell of.
    """
    return boto3.client("ses", config=CONFIG.merge(Config(read_timeout=10, retries={"total_max_attempts": 1})))


@cache
def s3() -> "S3Client":
    """S3, with the bucket in the path: `<bucket>.localhost` need not resolve."""
    return boto3.client("s3", config=CONFIG.merge(Config(s3={"addressing_style": "path"})))


@cache
def secrets_manager() -> "SecretsManagerClient":
    """Secrets Manager."""
    return boto3.client("secretsmanager", config=CONFIG)


@cache
def step_functions() -> "SFNClient":
    """Step Functions."""
    return boto3.client("stepfunctions", config=CONFIG)
