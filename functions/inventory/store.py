"""Reservations and stock in DynamoDB."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import (
    CONDITION_FAILED,
    TransactionCancelledError,
    blocking_item,
    condition_failed,
    from_wire,
    to_wire,
    transact,
)
from common.events import OrderEvent
from common.outbox import IN_OUTBOX, DynamoPending, Pending
from common.retry import retry_busy
from inventory.domain import Line, Reservation, State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


_CLOSE = "REMOVE outbox, dueAt, attempts, #event"


class OutOfStockError(Exception):
    """There is less in stock of a product than a line asks for, or no such product; nothing was taken."""


class StaleError(Exception):
    """The reservation is no longer what the step started from; `found` is what it is. Nothing was written."""

    def __init__(self, found: Reservation | None) -> None:
        super().__init__("the reservation has moved on")
        self.found = found


class Reservations(Pending[Reservation], Protocol):
    """The steps of a reservation. All raise BusyError when DynamoDB stays too busy; none writes by halves."""

    def get(self, order_id: str) -> Reservation | None:
        """The reservation of an order as it is now."""

    def create(self, reservation: Reservation) -> None:
        """Store a reservation that holds nothing. Raises StaleError when the order has one."""

    def sell(self, order_id: str) -> Reservation | None:
        """Make a RESERVED reservation SOLD. Returns the reservation as it is then, whatever it is."""

    def take(self, before: Reservation | None, after: Reservation, lines: Sequence[Line]) -> None:
        """Take `lines` out of the stock, and make `before` (None: no reservation yet) `after`.

        Raises StaleError when the reservation is not `before`, else OutOfStockError.
        """

    def give_back(self, before: Reservation, after: Reservation, lines: Sequence[Line]) -> None:
        """Put `lines` back into the stock, make `before` `after`. Raises StaleError if it is not `before`."""


class DynamoReservations:
    """`Reservations` in the tables `reservations` and `stock`.

    Open reservations bear the mark of `common.outbox`: their item is in the sparse index until they are closed.
    """

    def __init__(self, client: "DynamoDBClient", reservations: str, stock: str) -> None:
        self._client = client
        self._reservations = reservations
        self._stock = stock
        self._pending = DynamoPending(client, reservations, _reservation)

    def get(self, order_id: str) -> Reservation | None:
        """See `Reservations`."""
        key = to_wire({"orderId": order_id})
        item = self._client.get_item(TableName=self._reservations, Key=key, ConsistentRead=True).get("Item")
        return _reservation(from_wire(item)) if item else None

    def create(self, reservation: Reservation) -> None:
        """See `Reservations`."""
        try:
            self._client.put_item(
                TableName=self._reservations,
                Item=to_wire(_item(reservation)),
                ConditionExpression="attribute_not_exists(orderId)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            item = blocking_item(error)
            raise StaleError(_reservation(item) if item else None) from error

    def sell(self, order_id: str) -> Reservation | None:
        """See `Reservations`. Almost always it is RESERVED: so it is not read first."""
        try:
            answer = self._client.update_item(
                TableName=self._reservations,
                Key=to_wire({"orderId": order_id}),
                UpdateExpression=f"SET #state = :sold {_CLOSE}",
                ConditionExpression="#state = :reserved",
                ExpressionAttributeNames={"#state": "state", "#event": "event"},
                ExpressionAttributeValues=to_wire({":sold": State.SOLD.value, ":reserved": State.RESERVED.value}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            item = blocking_item(error)
            return _reservation(item) if item else None
        return _reservation(from_wire(answer["Attributes"]))

    def due(self, now: str, limit: int) -> list[Reservation]:
        """See `Pending`."""
        return self._pending.due(now, limit)

    def postpone(self, record: Reservation, due_at: str) -> bool:
        """See `Pending`."""
        return self._pending.postpone(record, due_at)

    @retry_busy
    def take(self, before: Reservation | None, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`. A missing product fails the condition like one without stock."""
        self._step(before, after, [self._stock_update(line, "SET stock = stock - :quantity") for line in lines])

    @retry_busy
    def give_back(self, before: Reservation, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`. Unconditional: if the product is gone, its stock item comes back, harmless."""
        self._step(before, after, [self._stock_update(line, "ADD stock :quantity") for line in lines])

    def _step(self, before: Reservation | None, after: Reservation, stock: "list[TransactWriteItemTypeDef]") -> None:
        try:
            transact(self._client, [self._mark(before, after), *stock])
        except TransactionCancelledError as error:
            if error.codes[0] != CONDITION_FAILED:
                raise OutOfStockError from error
            item = error.items[0]
            raise StaleError(_reservation(item) if item else None) from error

    def _mark(self, before: Reservation | None, after: Reservation) -> "TransactWriteItemTypeDef":
        if before is None:
            return {
                "Put": {
                    "TableName": self._reservations,
                    "Item": to_wire(_item(after)),
                    "ConditionExpression": "attribute_not_exists(orderId)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
        closes = after.due_at is None
        return {
            "Update": {
                "TableName": self._reservations,
                "Key": to_wire({"orderId": after.order_id}),
                "UpdateExpression": f"SET #state = :after, held = :afterHeld, #at = :at {_CLOSE if closes else ''}",
                "ConditionExpression": "#state = :before AND held = :beforeHeld",
                "ExpressionAttributeNames": {"#state": "state", "#at": "at"} | ({"#event": "event"} if closes else {}),
                "ExpressionAttributeValues": to_wire(
                    {
                        ":before": before.state.value,
                        ":beforeHeld": before.held,
                        ":after": after.state.value,
                        ":afterHeld": after.held,
                        ":at": after.at,
                    }
                ),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _stock_update(self, line: Line, change: str) -> "TransactWriteItemTypeDef":
        update: Any = {
            "TableName": self._stock,
            "Key": to_wire({"productId": line.product_id}),
            "UpdateExpression": change,
            "ExpressionAttributeValues": to_wire({":quantity": line.quantity}),
        }
        if change.startswith("SET"):
            update["ConditionExpression"] = "stock >= :quantity"
        return {"Update": update}


def _item(reservation: Reservation) -> dict[str, Any]:
    item: dict[str, Any] = {
        "orderId": reservation.order_id,
        "state": reservation.state.value,
        "lines": [{"productId": line.product_id, "quantity": line.quantity} for line in reservation.lines],
        "held": reservation.held,
        "at": reservation.at,
    }
    if reservation.event is not None and reservation.due_at is not None:
        item |= {"event": reservation.event.to_json(), "dueAt": reservation.due_at, "outbox": IN_OUTBOX}
    return item


def _reservation(item: Mapping[str, Any]) -> Reservation:
    """Raises ValidationError when it is due, and its event is none."""
    due_at = item.get("dueAt")
    return Reservation(
        order_id=item["orderId"],
        state=State(item["state"]),
        lines=tuple(Line(line["productId"], line["quantity"]) for line in item["lines"]),
        held=item["held"],
        at=item["at"],
        event=OrderEvent.model_validate_json(item.get("event", "")) if due_at else None,
        due_at=due_at,
        attempts=item.get("attempts", 0),
    )
