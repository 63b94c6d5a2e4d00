"""The simulated provider's ledger in DynamoDB: entries that are written once and never changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import blocking_item, condition_failed, from_wire, to_wire
from payments.domain import Entry, Kind, Payment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = "attempts"


class Ledger(Protocol):
    """What the provider needs to remember."""

    def payment(self, order_id: str) -> Payment:
        """All entries of an order, as they are now."""

    def enter(self, order_id: str, entry: Entry) -> Entry:
        """Write `entry` if its slot is free; returns the one that is in the slot then, for good."""

    def count_attempt(self, order_id: str) -> int:
        """Count one more attempt; returns how many there were, this one included."""


class DynamoLedger:
    """`Ledger` in the table `payments`: one item an entry, and the slot is its sort key.

    Charge, decline and void share a slot. So one conditional put decides between them, without a transaction, and
    whoever reads an entry can rely on it without a lock.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def payment(self, order_id: str) -> Payment:
        """See `Ledger`. At most four small items: one page."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="orderId = :order",
            ExpressionAttributeValues=to_wire({":order": order_id}),
            ConsistentRead=True,
        )
        items = map(from_wire, answer["Items"])
        return Payment(**{item["entry"]: _entry(item) for item in items if item["entry"] != _ATTEMPTS})

    def enter(self, order_id: str, entry: Entry) -> Entry:
        """See `Ledger`."""
        item = {
            **_key(order_id, entry.slot),
            "type": entry.kind.value,
            "amountCents": entry.amount_cents,
            "at": entry.at,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_wire(item),
                ConditionExpression="attribute_not_exists(orderId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error) or (found := blocking_item(error)) is None:
                raise
            return _entry(found)
        return entry

    def count_attempt(self, order_id: str) -> int:
        """See `Ledger`."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=to_wire(_key(order_id, _ATTEMPTS)),
            UpdateExpression="ADD attempts :one",
            ExpressionAttributeValues=to_wire({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        attempts: int = from_wire(answer["Attributes"])["attempts"]
        return attempts


class Owners(Protocol):
    """Whose an order is."""

    def of(self, order_id: str) -> str | None:
        """The customer's id; None when there is no such order."""


class DynamoOwners:
    """`Owners` in the table of orders, of which payments reads nothing else."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def of(self, order_id: str) -> str | None:
        """See `Owners`."""
        answer = self._client.get_item(
            TableName=self._table,
            Key=to_wire({"orderId": order_id}),
            ProjectionExpression="customerId",
            ConsistentRead=True,
        )
        item = answer.get("Item")
        return from_wire(item)["customerId"] if item else None


def _key(order_id: str, slot: str) -> dict[str, str]:
    return {"orderId": order_id, "entry": slot}


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(Kind(item["type"]), item["amountCents"], item["at"])
