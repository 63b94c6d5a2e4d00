"""The simulated provider's ledger in DynamoDB: at most one decision an order, never changed."""

from typing import TYPE_CHECKING, Any, Protocol

from common.dynamodb import TransactionCancelledError, from_wire, to_wire, transact
from common.retry import retry_busy
from payments.domain import Decision, Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Ledger(Protocol):
    """What the provider needs to remember."""

    def decision(self, order_id: str) -> Decision | None:
        """What was decided about an order."""

    def decide(self, order_id: str, decision: Decision) -> Decision:
        """Enter `decision`; when there is one already it stands, and is returned."""

    def count_attempt(self, order_id: str) -> int:
        """Count one more attempt; returns how many there were, this one included."""


class DynamoLedger:
    """`Ledger` in the table `payments`: one item an entry, sort key "charge", "decline" or "attempts"."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def decision(self, order_id: str) -> Decision | None:
        """See `Ledger`."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="orderId = :order",
            ExpressionAttributeValues=to_wire({":order": order_id}),
            ConsistentRead=True,
        )
        entries = {item["entry"]: item for item in map(from_wire, answer["Items"])}
        for outcome in Outcome:
            if (entry := entries.get(outcome.value)) is not None:
                return Decision(outcome, entry["amountCents"], entry["at"])
        return None

    @retry_busy
    def decide(self, order_id: str, decision: Decision) -> Decision:
        """See `Ledger`. One transaction, so that no order has both a charge and a decline."""
        other = Outcome.DECLINE if decision.outcome is Outcome.CHARGE else Outcome.CHARGE
        entry = {
            **_key(order_id, decision.outcome.value),
            "amountCents": decision.amount_cents,
            "at": decision.at,
        }
        absent: Any = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(orderId)"}
        put: Any = {**absent, "Item": to_wire(entry)}
        check: Any = {**absent, "Key": to_wire(_key(order_id, other.value))}
        try:
            transact(self._client, [{"Put": put}, {"ConditionCheck": check}])
        except TransactionCancelledError:
            decided = self.decision(order_id)
            if decided is None:
                raise
            return decided
        return decision

    def count_attempt(self, order_id: str) -> int:
        """See `Ledger`."""
        answer = self._client.update_item(
            TableName=self._table,
            Key=to_wire(_key(order_id, "attempts")),
            UpdateExpression="ADD attempts :one",
            ExpressionAttributeValues=to_wire({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        attempts: int = from_wire(answer["Attributes"])["attempts"]
        return attempts


def _key(order_id: str, entry: str) -> dict[str, str]:
    return {"orderId": order_id, "entry": entry}
