"""The orders as their owner keeps them: payments reads them, and writes nothing there."""

from typing import TYPE_CHECKING

from common.dynamodb import from_wire, to_wire
from common.events import Metadata, OrderData, OrderEvent
from payments.webhooks import StoredOrder

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoStoredOrders:
    """`StoredOrders` in the table of orders."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, order_id: str) -> StoredOrder | None:
        """See `StoredOrders`."""
        key = to_wire({"orderId": order_id})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if not item:
            return None
        order = from_wire(item)
        metadata = Metadata(correlation_id=order["correlationId"], stages=order["stages"])
        event = OrderEvent(metadata=metadata, data=OrderData.model_validate(order))
        return StoredOrder(event, is_pending=order["status"] == "PENDING")
