"""Accepts an order: an item and an event. Both times of an order are taken right before its item is written."""

import json
import os
import time
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")
events = boto3.client("events")
TABLE = os.environ["TABLE"]


def handler(event: Any, context: Any) -> dict[str, Any]:
    order = json.loads(event["body"])["orderId"]
    dynamodb.put_item(TableName=TABLE, Item={"orderId": {"S": order}, "putAt": {"N": f"{time.time():.6f}"}})
    detail = json.dumps({"orderId": order})
    events.put_events(Entries=[{"Source": "bench", "DetailType": "OrderAccepted", "Detail": detail}])
    return {"statusCode": 202, "body": json.dumps({"orderId": order})}
