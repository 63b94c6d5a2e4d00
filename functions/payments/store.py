"""The ledger of payments in DynamoDB, whichever provider moves the money: entries that are written once and never
changed.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import blocking_item, condition_failed, from_wire, to_wire
from payments.domain import Entry, Kind, Opening, Payment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = "attempts"
_OPENING = "opening"
_ENTRIES = frozenset({"authorization", "outcome", "refund"})


class Ledger(Protocol):
    """What the provider needs to remember."""

    def payment(self, order_id: str) -> Payment:
        """All entries of an order and what it was opened with, as they are now."""

    def enter(self, order_id: str, entry: Entry) -> Entry:
        """Write `entry` if its slot is free; returns the one that is in the slot then, for good."""

    def count_attempt(self, order_id: str) -> int:
        """Count one more attempt; returns how many there were, this one included."""


class GatewayLedger(Ledger, Protocol):
    """What a real gateway's provider needs to remember besides."""

    def open(self, order_id: str, opening: Opening) -> Opening:
        """Write `opening` if the order has none; returns the one that it has then, for good."""


class DynamoLedger:
    """`GatewayLedger` in the table `payments`: one item an entry, and the slot is its sort key.

    Charge, decline and void share a slot. So one conditional put decides between them, without a transaction, and
    whoever reads an entry can rely on it without a lock.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def payment(self, order_id: str) -> Payment:
        """See `Ledger`. At most five small items: one page."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="orderId = :order",
            ExpressionAttributeValues=to_wire({":order": order_id}),
            ConsistentRead=True,
        )
        items = {item["entry"]: item for item in map(from_wire, answer["Items"])}
        entries = {slot: _entry(item) for slot, item in items.items() if slot in _ENTRIES}
        return Payment(**entries, opening=_opening(items[_OPENING]) if _OPENING in items else None)

    def enter(self, order_id: str, entry: Entry) -> Entry:
        """See `Ledger`."""
        item = {
            **_key(order_id, entry.slot),
            "type": entry.kind.value,
            "amountCents": entry.amount_cents,
            "at": entry.at,
            **({"reference": entry.reference} if entry.reference else {}),
        }
        found = self._put_first(item)
        return entry if found is None else _entry(found)

    def open(self, order_id: str, opening: Opening) -> Opening:
        """See `GatewayLedger`."""
        item = {**_key(order_id, _OPENING), "amountCents": opening.amount_cents, "at": opening.at}
        found = self._put_first(item | ({"token": opening.token} if opening.token is not None else {}))
        return opening if found is None else _opening(found)

    def _put_first(self, item: dict[str, Any]) -> Mapping[str, Any] | None:
        """Put the item where its key is free; otherwise what has the key."""
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
            return found
        return None

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
    return Entry(Kind(item["type"]), item["amountCents"], item["at"], item.get("reference"))


def _opening(item: Mapping[str, Any]) -> Opening:
    return Opening(item["amountCents"], item["at"], item.get("token"))
