"""Orders in DynamoDB."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import blocking_item, condition_failed, from_wire, to_wire
from common.events import Reason, Stage, Stages
from common.outbox import IN_OUTBOX, DynamoPending, Pending
from common.paging import Rows, rows
from orders.domain import Cancellation, Order, Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CURSOR = ("orderId", "placedAt")
_OUT_OF_OUTBOX = " REMOVE outbox, dueAt"


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

    def note(self, order_id: str, stages: Stages) -> Order:
        """Note stages, the first time of each; nothing else changes. Returns the order as it is then."""

    def advance(self, order_id: str, stages: Stages) -> Order:
        """`note`, and that OrderPlaced is out. That of a cancelled order no longer counts: its place in the outbox is
        OrderCancelled's.
        """

    def finish(self, order_id: str, status: Status, reason: Reason | None, stages: Stages) -> Order:
        """`advance`, and PENDING becomes `status`. A repeat changes nothing.

        When the order has another final status nothing is written, and the order is returned with that one.
        """

    def cancel(self, order_id: str, customer_id: str, cancellation: Cancellation, due_at: str) -> Order | None:
        """PENDING or CONFIRMED becomes CANCELLED, in the outbox until told, next at `due_at`.

        When it has another status nothing is written. Returns the order as it is then; its `cancellation` tells whose
        it is. None when the customer has no such order.
        """

    def told(self, order: Order) -> None:
        """Take an order that was REJECTED or CANCELLED when it was told out of the outbox."""


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

    def note(self, order_id: str, stages: Stages) -> Order:
        """See `Orders`. Raises OrderMissingError."""
        order, _ = self._update(order_id, stages, "attribute_exists(orderId)", "", {})
        return order

    def advance(self, order_id: str, stages: Stages) -> Order:
        """See `Orders`. Raises OrderMissingError."""
        condition = "attribute_exists(orderId) AND #status <> :cancelled"
        values = {":cancelled": Status.CANCELLED.value}
        order, is_written = self._update(order_id, stages, condition, _OUT_OF_OUTBOX, values)
        return order if is_written else self.note(order_id, stages)

    def finish(self, order_id: str, status: Status, reason: Reason | None, stages: Stages) -> Order:
        """See `Orders`. Raises OrderMissingError."""
        values: dict[str, Any] = {":status": status.value, ":pending": Status.PENDING.value}
        change = ", #status = :status"
        if reason is not None:
            values[":reason"] = reason.value
            change += ", reason = if_not_exists(reason, :reason)"
        condition = "#status IN (:pending, :status)"
        order, _ = self._update(order_id, stages, condition, change + _OUT_OF_OUTBOX, values)
        return order

    def cancel(self, order_id: str, customer_id: str, cancellation: Cancellation, due_at: str) -> Order | None:
        """See `Orders`."""
        values: dict[str, Any] = {
            ":customer": customer_id,
            ":pending": Status.PENDING.value,
            ":confirmed": Status.CONFIRMED.value,
            ":cancelled": Status.CANCELLED.value,
            ":cancellation": cancellation.model_dump(by_alias=True),
            ":inOutbox": IN_OUTBOX,
            ":due": due_at,
            ":none": 0,
        }
        change = ", #status = :cancelled, cancellation = :cancellation"
        change += ", outbox = :inOutbox, dueAt = :due, attempts = :none"
        condition = "customerId = :customer AND #status IN (:pending, :confirmed)"
        try:
            order, _ = self._update(order_id, {Stage.CANCELLED.value: cancellation.at}, condition, change, values)
        except OrderMissingError:
            return None
        return order if order.customer_id == customer_id else None

    def _update(
        self, order_id: str, stages: Stages, condition: str, change: str, values: dict[str, Any]
    ) -> tuple[Order, bool]:
        """Note `stages` (the first time of each stands) and `change`, if `condition`: the order as it is then, and
        whether it was written. Raises OrderMissingError.
        """
        noted = [f"stages.#s{n} = if_not_exists(stages.#s{n}, :s{n})" for n in range(len(stages))]
        names = {f"#s{n}": stage for n, stage in enumerate(stages)}
        if "#status" in condition:
            names["#status"] = "status"
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_wire({"orderId": order_id}),
                UpdateExpression=f"SET {', '.join(noted)}{change}",
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_wire({**values, **{f":s{n}": at for n, at in enumerate(stages.values())}}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            if (found := blocking_item(error)) is None:
                raise OrderMissingError(order_id) from error
            return _order(found), False
        return _order(from_wire(answer["Attributes"])), True

    def told(self, order: Order) -> None:
        """See `Orders`. REJECTED and CANCELLED are never left: the status tells whether the mark is still this one."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire({"orderId": order.order_id}),
                UpdateExpression="REMOVE outbox, dueAt",
                ConditionExpression="#status = :status",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_wire({":status": order.status.value}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def due(self, now: str, limit: int) -> list[Order]:
        """See `Pending`."""
        return self._pending.due(now, limit)

    def postpone(self, record: Order, due_at: str) -> bool:
        """See `Pending`."""
        return self._pending.postpone(record, due_at)


def _order(item: dict[str, Any] | None) -> Order:
    return Order.model_validate(item)
