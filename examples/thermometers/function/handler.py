"""Keeps the latest reading of each thermometer.

A message is `{"sensor": "attic", "celsius": 21.5, "at": "2026-11-22T10:00:00Z"}`. SQS delivers at least once and in no
order: the table takes a reading only if it is newer than what it has. One that comes twice, or late, changes nothing.
"""

import json
import logging
import os
from decimal import Decimal

import boto3

log = logging.getLogger()
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handle(event, context):
    """A batch. What fails is named, so that SQS delivers only that again, and in the end to the dead-letter queue."""
    failed = []
    for message in event["Records"]:
        try:
            keep(json.loads(message["body"], parse_float=Decimal))
        except Exception:
            log.exception("message %s is not kept", message["messageId"])
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def keep(reading):
    try:
        table.put_item(
            Item={"sensor": reading["sensor"], "celsius": reading["celsius"], "at": reading["at"]},
            ConditionExpression="attribute_not_exists(sensor) OR #at < :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":at": reading["at"]},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        log.warning("%s: the reading of %s is not the latest", reading["sensor"], reading["at"])
