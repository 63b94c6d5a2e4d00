"""Carts that are left: their time is made to be up by what is stored, not by waiting."""

import json
from typing import Any

_SWEEP = json.dumps({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})


def sweep(aws: Any) -> dict[str, int]:
    """Call the cart as its schedule does; what it did (the schedule itself may have been faster)."""
    answer = aws("lambda").invoke(FunctionName="cart", Payload=_SWEEP)
    content: dict[str, int] = json.load(answer["Payload"])
    assert "FunctionError" not in answer, content
    return content


def owner(aws: Any, email: str) -> str:
    """The id of the customer with this address."""
    key = {"userId": {"S": f"email#{email}"}}
    found: str = aws("dynamodb").get_item(TableName="users", Key=key, ConsistentRead=True)["Item"]["ownerId"]["S"]
    return found


def stored_cart(aws: Any, email: str) -> dict[str, Any]:
    """The cart of the customer with this address, as it is stored."""
    key = {"customerId": {"S": owner(aws, email)}}
    found: dict[str, Any] = aws("dynamodb").get_item(TableName="carts", Key=key, ConsistentRead=True)["Item"]
    return found


def leave(aws: Any, email: str) -> None:
    """Let the cart be one that its customer, with this address, has left long ago."""
    aws("dynamodb").update_item(
        TableName="carts",
        Key={"customerId": {"S": owner(aws, email)}},
        UpdateExpression="SET remindAt = :long_ago",
        ConditionExpression="attribute_exists(remindAt)",
        ExpressionAttributeValues={":long_ago": {"S": "2020-01-01T00:00:00.000Z"}},
    )
