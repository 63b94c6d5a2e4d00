"""Carts in DynamoDB: one item a customer, with a map of quantities by product.

Each line is set by its path in the map, so that two changes at once keep each other's lines. 100 lines are at most
30 kB, and as one item they leave the cart in one action of the checkout's transaction, whose limit is 100.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from cart.domain import Cart, CartFullError, Checkout, NotInCartError, expires_at
from common import clock
from common.dynamodb import (
    CONDITION_FAILED,
    BusyError,
    TransactionCancelledError,
    blocking_item,
    busy,
    condition_failed,
    from_wire,
    to_wire,
    transact,
)
from common.outbox import DynamoPending, Pending
from common.purchase import MAX_LINES
from common.retry import retry_busy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

WAITING = "waiting"
_MARKS = "expiresAt = :expiresAt, reminder = :waiting, remindAt = :remindAt"
_CHECK_OUT = (
    "ADD version :one SET #lines = :none, lastOrderId = :order, expiresAt = :expiresAt REMOVE reminder, remindAt"
)


class Carts(Protocol):
    """What the service needs of the carts. Changes raise BusyError when DynamoDB stays too busy."""

    def get(self, customer_id: str) -> Cart:
        """A customer's cart as it is now; an empty one when there is none."""

    def put(self, customer_id: str, product_id: str, quantity: int, now: str) -> Cart:
        """Make it so many of one product, whatever it was; the cart as it is then. Raises CartFullError."""

    def remove(self, customer_id: str, product_ids: Sequence[str], now: str) -> Cart:
        """Take products out; the cart as it is then. Raises NotInCartError, and takes none, if one is not in it."""

    def check_out(self, cart: Cart, checkout: Checkout) -> Cart | None:
        """Empty `cart` and store `checkout`: both, or neither.

        None when it is done. Else the cart is no longer as `cart` says: it is returned as it is.
        """


class Checkouts(Pending[Checkout], Protocol):
    """The checkouts that may not be published yet."""

    def published(self, checkout: Checkout) -> None:
        """Forget a checkout that is published."""


class DynamoCarts:
    """`Carts` in the table `carts`, whose checkouts go to the table `checkouts`."""

    def __init__(self, client: "DynamoDBClient", carts: str, checkouts: str, abandoned_after_s: float) -> None:
        self._client = client
        self._carts = carts
        self._checkouts = checkouts
        self._abandoned_after_s = abandoned_after_s

    def get(self, customer_id: str) -> Cart:
        """See `Carts`."""
        key = to_wire({"customerId": customer_id})
        item = self._client.get_item(TableName=self._carts, Key=key, ConsistentRead=True).get("Item")
        return cart_of(customer_id, from_wire(item) if item else None)

    def put(self, customer_id: str, product_id: str, quantity: int, now: str) -> Cart:
        """See `Carts`. A customer's first product takes two calls more: a path needs a map to lead into."""
        try:
            return self._change(
                customer_id,
                now,
                ", #lines.#product = :quantity",
                "attribute_exists(#lines.#product) OR size(#lines) < :max",
                {"#product": product_id},
                {":quantity": quantity, ":max": MAX_LINES},
            )
        except _RefusedError as error:
            if error.found is not None:
                raise CartFullError.of("productId", f"the cart has {MAX_LINES} other products already") from error
        with suppress(_RefusedError):  # another request was faster
            self._change(customer_id, now, ", #lines = :none", "attribute_not_exists(#lines)", {}, {":none": {}})
        return self.put(customer_id, product_id, quantity, now)

    def remove(self, customer_id: str, product_ids: Sequence[str], now: str) -> Cart:
        """See `Carts`."""
        names = {f"#p{index}": product_id for index, product_id in enumerate(product_ids)}
        paths = [f"#lines.{name}" for name in names]
        condition = " AND ".join(f"attribute_exists({path})" for path in paths)
        try:
            return self._change(customer_id, now, f" REMOVE {', '.join(paths)}", condition, names, {})
        except _RefusedError as error:
            raise NotInCartError("The product is not in the cart.") from error

    @retry_busy
    def _change(
        self,
        customer_id: str,
        now: str,
        change: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
    ) -> Cart:
        """One update, which also prolongs the cart's life and marks it for a reminder.

        Raises _RefusedError when `condition` does not hold.
        """
        marks = {
            ":expiresAt": expires_at(now),
            ":waiting": WAITING,
            ":remindAt": clock.after(now, self._abandoned_after_s),
        }
        try:
            answer = self._client.update_item(
                TableName=self._carts,
                Key=to_wire({"customerId": customer_id}),
                UpdateExpression=f"ADD version :one SET {_MARKS}{change}",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#lines": "lines", **names},
                ExpressionAttributeValues=to_wire({":one": 1, **marks, **values}),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if busy(error):  # a checkout's transaction has it
                raise BusyError(str(error)) from error
            if not condition_failed(error):
                raise
            raise _RefusedError(blocking_item(error)) from error
        return cart_of(customer_id, from_wire(answer["Attributes"]))

    @retry_busy
    def check_out(self, cart: Cart, checkout: Checkout) -> Cart | None:
        """See `Carts`."""
        try:
            transact(self._client, [self._emptied(cart, checkout), self._stored(checkout)])
        except TransactionCancelledError as error:
            if error.codes[1] == CONDITION_FAILED:  # our own write, whose answer the SDK had missed
                return None
            return cart_of(cart.customer_id, error.items[0])
        return None

    def _emptied(self, cart: Cart, checkout: Checkout) -> "TransactWriteItemTypeDef":
        values = {
            ":version": cart.version,
            ":one": 1,
            ":none": {},
            ":order": checkout.order_id,
            ":expiresAt": expires_at(checkout.checked_out_at),
        }
        return {
            "Update": {
                "TableName": self._carts,
                "Key": to_wire({"customerId": cart.customer_id}),
                "UpdateExpression": _CHECK_OUT,
                "ConditionExpression": "version = :version",
                "ExpressionAttributeNames": {"#lines": "lines"},
                "ExpressionAttributeValues": to_wire(values),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _stored(self, checkout: Checkout) -> "TransactWriteItemTypeDef":
        return {
            "Put": {
                "TableName": self._checkouts,
                "Item": to_wire(checkout.model_dump(mode="json", by_alias=True)),
                "ConditionExpression": "attribute_not_exists(orderId)",
            }
        }


class DynamoCheckouts:
    """`Checkouts` in the table `checkouts`: what is published is deleted, so that it holds next to nothing."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._pending = DynamoPending(client, table, Checkout.model_validate)

    def due(self, now: str, limit: int) -> list[Checkout]:
        """See `Pending`."""
        return self._pending.due(now, limit)

    def postpone(self, record: Checkout, due_at: str) -> bool:
        """See `Pending`."""
        return self._pending.postpone(record, due_at)

    def published(self, checkout: Checkout) -> None:
        """See `Checkouts`. Twice is harmless."""
        self._client.delete_item(TableName=self._table, Key=to_wire({"orderId": checkout.order_id}))


class _RefusedError(Exception):
    """A condition did not hold; `found` is the item that it was about, None if there is none."""

    def __init__(self, found: dict[str, Any] | None) -> None:
        super().__init__("the cart does not allow it")
        self.found = found


def cart_of(customer_id: str, item: Mapping[str, Any] | None) -> Cart:
    """The cart that `item` is; an empty one without it."""
    if item is None:
        return Cart(customer_id)
    return Cart(customer_id, item["lines"], item["version"], item.get("lastOrderId"))
