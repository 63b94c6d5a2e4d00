"""Finishes orders: events from a queue, each an update of the order's item."""

import json
import os
import time
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]


def handler(event: Any, context: Any) -> None:
    for record in event["Records"]:
        order = json.loads(record["body"])["detail"]["orderId"]
        dynamodb.update_item(
            TableName=TABLE,
            Key={"orderId": {"S": order}},
            UpdateExpression="SET doneAt = :now",
            ExpressionAttributeValues={":now": {"N": f"{time.time():.6f}"}},
        )
