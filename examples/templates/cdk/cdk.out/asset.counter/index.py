"""Counts the changes of a table by what they were."""

import os

import boto3

TABLE = boto3.resource("dynamodb").Table(os.environ["COUNTS"])


def handler(event, context):
    for record in event["Records"]:
        TABLE.update_item(
            Key={"kind": record["eventName"]},
            UpdateExpression="ADD #total :one",
            ExpressionAttributeNames={"#total": "total"},
            ExpressionAttributeValues={":one": 1},
        )
