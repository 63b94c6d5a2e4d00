"""Takes notes over HTTP into a queue, and stores them from there."""

import json
import os

import boto3
import tenacity

VERSION = 1

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
queue = boto3.resource("sqs").Queue(os.environ["QUEUE"])


def accept(event, context):
    queue.send_message(MessageBody=event["body"])
    return {"statusCode": 202, "body": json.dumps({"version": VERSION, "packaged": tenacity.__name__})}


def store(event, context):
    for record in event["Records"]:
        table.put_item(Item=json.loads(record["body"]))
