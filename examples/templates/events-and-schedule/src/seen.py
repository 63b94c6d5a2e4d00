"""Notes what it has seen: hot readings, and that the schedule went off."""

import os

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def on_reading(event, context):
    TABLE.put_item(Item={"id": event["detail"]["sensor"], "celsius": str(event["detail"]["celsius"])})


def on_schedule(event, context):
    TABLE.put_item(Item={"id": "schedule"})
