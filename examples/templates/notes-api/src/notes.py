"""Notes by their id: written with PUT, read with GET."""

import json
import os

import boto3
from wording import greeting

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def write(event, context):
    note = {"id": event["pathParameters"]["id"], "text": json.loads(event["body"])["text"]}
    TABLE.put_item(Item=note)
    return _answer(201, note)


def read(event, context):
    note = TABLE.get_item(Key={"id": event["pathParameters"]["id"]}).get("Item")
    return _answer(200, note | {"greeting": greeting()}) if note else _answer(404, {"error": "no such note"})


def _answer(status, body):
    return {"statusCode": status, "body": json.dumps(body), "headers": {"Content-Type": "application/json"}}
