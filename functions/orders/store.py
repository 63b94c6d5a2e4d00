"""Orders in DynamoDB."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import blocking_item, condition_failed, from_wire, to_wire
from common.events import Reason, Stages
from common.outbox import DynamoPending, Pending
from common.paging import Rows, rows
from orders.domain import Order, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CURSOR = ("orderId", "placedAt")


class OrderMissingError(Exception):
    """An event for an order that is not stored; it goes to the dead-letter queue for a person to look at."""


class Orders(Pending[Order], Protocol):
    """What the service needs of the orders."""

    def add(self, order: Order) -> Order | None:
        """Store a new order; when its id is taken, write nothing and return what is there."""

    def get(self, order_id: str) -> Order | None:
        """One order as it is now."""

    def page(self, customer_id: str, limit: int, after: Mapping[str, str] | None) -> Rows:
        """At most `limit` of a customer's orders, newest first, after the key `after`."""

    def advance(self, order_id: str, stages: Stages) -> Order:
        """Note stages and that OrderPlaced is out; the status stays. Returns the order as it is then."""

    def finish(self, order_id: str, status: Status, reason: Reason | None, stages: Stages) -> Order | None:
        """`advance`, and PENDING becomes `status`. A repeat changes nothing and returns the order all the
        same.

        None when the order has another final status: it keeps that, and nothing is written.
        """


class DynamoOrders:
    """`Orders` in the table `orders`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._pending = DynamoPending(client, table, _order)

    def add(self, order: Order) -> Order | None:
        """See `Orders`."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_wire(order.model_dump(mode="json", by_alias=True, exclude_none=True)),
                ConditionExpression="attribute_not_exists(orderId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return _order(blocking_item(error))
        return None

    def get(self, order_id: str) -> Order | None:
        """See `Orders`."""
        key = to_wire({"orderId": order_id})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _order(from_wire(item)) if item else None

    def page(self, customer_id: str, limit: int, after: Mapping[str, str] | None) -> Rows:
        """See `Orders`. The cursor never holds the customer: it cannot be bent to read another's orders."""
        request: dict[str, Any] = {}
        if after:
            request["ExclusiveStartKey"] = to_wire({**after, "customerId": customer_id})
        answer = self._client.query(
            TableName=self._table,
            IndexName="customer-index",
            KeyConditionExpression="customerId = :customer",
            ExpressionAttributeValues=to_wire({":customer": customer_id}),
            ScanIndexForward=False,
            Limit=limit + 1,
            **request,
        )
        found = [from_wire(item) for item in answer["Items"]]
        return rows(found, more="LastEvaluatedKey" in answer, limit=limit, names=CURSOR)

    def advance(self, order_id: str, stages: Stages) -> Order:
        """See `Orders`. Raises OrderMissingError."""
        order = self._update(order_id, stages, "attribute_exists(orderId)", "", {}, {})
        if order is None:
            raise OrderMissingError(order_id)
        return order

    def finish(self, order_id: str, status: Status, reason: Reason | None, stages: Stages) -> Order | None:
        """See `Orders`. Raises OrderMissingError."""
        values: dict[str, str] = {":status": status.value, ":pending": Status.PENDING.value}
        change = ", #status = :status"
        if reason is not None:
            values[":reason"] = reason.value
            change += ", reason = if_not_exists(reason, :reason)"
        condition = "#status IN (:pending, :status)"
        return self._update(order_id, stages, condition, change, {"#status": "status"}, values)

    def _update(
        self,
        order_id: str,
        stages: Stages,
        condition: str,
        change: str,
        names: dict[str, str],
        values: dict[str, str],
    ) -> Order | None:
        """Note `stages` (the first time of each stands), clear the outbox mark, `change`; None if refused."""
        noted = [f"stages.#s{n} = if_not_exists(stages.#s{n}, :s{n})" for n in range(len(stages))]
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire({"orderId": order_id}),
                UpdateExpression=f"SET {', '.join(noted)}{change} REMOVE outbox, dueAt",
                ConditionExpression=condition,
                ExpressionAttributeNames={**names, **{f"#s{n}": stage for n, stage in enumerate(stages)}},
                ExpressionAttributeValues=to_wire({**values, **{f":s{n}": at for n, at in enumerate(stages.values())}}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            if blocking_item(error) is None:
                raise OrderMissingError(order_id) from error
            return None
        return _order(from_wire(answer["Attributes"]))

    def due(self, now: str, limit: int) -> list[Order]:
        """See `Pending`."""
        return self._pending.due(now, limit)

    def postpone(self, record: Order, due_at: str) -> bool:
        """See `Pending`."""
        return self._pending.postpone(record, due_at)


def _order(item: dict[str, Any] | None) -> Order:
    return Order.model_validate(item)
