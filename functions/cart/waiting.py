"""Which carts wait for a reminder, and whom to remind: the sparse index `reminder-index` of carts, and the users.

The index has the keys alone, so that a cart's lines are not written twice: the claim returns the cart as it is.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from cart.domain import Cart, Waiting
from cart.store import WAITING, cart_of
from common.dynamodb import batch_get, busy, condition_failed, from_wire, to_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WaitingCarts(Protocol):
    """The carts with the mark."""

    def overdue(self, now: str, limit: int) -> list[Waiting]:
        """At most `limit` carts whose customers are to be reminded at `now`, those left longest first."""

    def claim(self, waiting: Waiting, until: str) -> Cart | None:
        """Move the mark to `until`; the cart as it is. None when it was changed, or another sweep was faster."""

    def done(self, customer_id: str, until: str) -> None:
        """Take the mark off, if it is still the one that `claim` set."""


class Customers(Protocol):
    """What reminding needs of the users."""

    def emails(self, customer_ids: Sequence[str]) -> Mapping[str, str]:
        """The address of those customers who still exist; no id twice."""


class DynamoWaitingCarts:
    """`WaitingCarts` in the table `carts`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def overdue(self, now: str, limit: int) -> list[Waiting]:
        """See `WaitingCarts`. One request: 200 keys are far below the 1 MB of a page."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="reminder-index",
            KeyConditionExpression="reminder = :waiting AND remindAt <= :now",
            ExpressionAttributeValues=to_wire({":waiting": WAITING, ":now": now}),
            Limit=limit,
        )
        return [Waiting(item["customerId"], item["remindAt"]) for item in map(from_wire, answer["Items"])]

    def claim(self, waiting: Waiting, until: str) -> Cart | None:
        """See `WaitingCarts`. A cart that a checkout's transaction holds is not left."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire({"customerId": waiting.customer_id}),
                UpdateExpression="SET remindAt = :until",
                ConditionExpression="remindAt = :due",
                ExpressionAttributeValues=to_wire({":until": until, ":due": waiting.remind_at}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if condition_failed(error) or busy(error):
                return None
            raise
        return cart_of(waiting.customer_id, from_wire(answer["Attributes"]))

    def done(self, customer_id: str, until: str) -> None:
        """See `WaitingCarts`."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire({"customerId": customer_id}),
                UpdateExpression="REMOVE reminder, remindAt",
                ConditionExpression="remindAt = :until",
                ExpressionAttributeValues=to_wire({":until": until}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise


class DynamoCustomers:
    """`Customers` in the table `users`: the address as it is today, and none of who has deleted the account."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def emails(self, customer_ids: Sequence[str]) -> Mapping[str, str]:
        """See `Customers`."""
        keys = [{"userId": customer_id} for customer_id in customer_ids]
        found = batch_get(self._client, self._table, keys, ["userId", "email"], consistent=True)
        return {item["userId"]: item["email"] for item in found}
