"""Squares the number in each message, and tells the result to the topic."""

import json
import os

import boto3

SNS = boto3.client("sns")


def handler(event, context):
    failed = [each["messageId"] for each in event["Records"] if not _work(each)]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _work(record):
    try:
        number = int(record["body"])
    except ValueError:
        return False
    SNS.publish(TopicArn=os.environ["TOPIC"], Message=json.dumps({"number": number, "square": number * number}))
    return True
