"""Events of the shop's bus, put there by a test, and what the functions logged of them."""

import json
from typing import Any


def event_about(order: dict[str, Any]) -> dict[str, Any]:
    """The event of an order that is shaped as the API shows it; `token` beside what the API shows is its card."""
    data = {
        **{name: order[name] for name in ("orderId", "customerId", "items", "totalCents")},
        "customerEmail": "somebody@example.com",
        "payment": {"method": "card", "token": order.get("token", "tok_ok")},
    }
    stages = {entry["stage"]: entry["at"] for entry in order["timeline"]}
    return {"metadata": {"version": 1, "correlationId": "test", "stages": stages}, "data": data}


def publish(aws: Any, kind: str, order: dict[str, Any]) -> None:
    """Put an event about an order on the bus."""
    detail = json.dumps(event_about(order))
    entry = {"Source": "shop.test", "DetailType": kind, "Detail": detail, "EventBusName": "shop"}
    assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def store_order(aws: Any, donor_id: str, order_id: str, status: str) -> None:
    """Store an order that is just accepted and has this status, and is otherwise like the donor."""
    item = aws("dynamodb").get_item(TableName="orders", Key={"orderId": {"S": donor_id}})["Item"]
    stages = {"M": {"accepted": item["stages"]["M"]["accepted"]}}
    item |= {"orderId": {"S": order_id}, "status": {"S": status}, "stages": stages}
    aws("dynamodb").put_item(TableName="orders", Item=item)


def logged(aws: Any, function: str, order_id: str) -> list[tuple[str, str]]:
    """What a function logged of an order, once for each event that it is done with: (message, state), sorted.

    Log streams have no order between them.
    """
    pages = aws("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    texts = [event["message"] for page in pages for event in page["events"] if order_id in event["message"]]
    lines = [json.loads(text) for text in texts]
    return sorted((line["message"], line["state"]) for line in lines if "state" in line)
