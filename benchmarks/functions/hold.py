"""A function with the SDK and Powertools that says when it was reached, and is held until the other side hangs up."""

import socket
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics

logger = Logger(service="bench")
metrics = Metrics(namespace="bench", service="bench")
dynamodb = boto3.client("dynamodb")


def handler(event: Any, context: Any) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(event["socket"])
        line.recv(1)
