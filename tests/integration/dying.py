"""Deployed beside a service's code: its functions die at the steps of the saga that ``DEATHS`` names.

``{"<product id>": ["charge", "after", 1]}``: of an order whose first product that is, the step `charge` kills its
process the first time, once its work is done; `before` it is; 0 times: every time. `note+refund` are two such steps.
"""

import json
import os
import signal
from importlib import import_module

import boto3
from botocore.exceptions import ClientError

_handle = import_module(os.environ["SERVICE_MODULE"]).handler
_dynamodb = boto3.client("dynamodb")


def handler(event, context):
    plan = json.loads(os.environ["DEATHS"]).get(_product(event)) if "step" in event else None
    if plan is None or event["step"] not in plan[0].split("+"):
        return _handle(event, context)
    _, when, times = plan
    if when == "before" and _is_to_die(event, times):
        _die()
    answer = _handle(event, context)
    if when == "after" and _is_to_die(event, times):
        _die()
    return answer


def _product(event):
    return event["saga"]["order"]["data"]["items"][0]["productId"]


def _is_to_die(event, times):
    """Once is the first time for whoever writes it down first: the process that does so has no memory."""
    if times == 0:
        return True
    try:
        _dynamodb.put_item(
            TableName="deaths",
            Item={"orderId": {"S": event["saga"]["order"]["data"]["orderId"]}},
            ConditionExpression="attribute_not_exists(orderId)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _die():
    os.kill(os.getpid(), signal.SIGKILL)
