"""DynamoDB without the resource API: plain dicts in and out, whole numbers as int, failures told apart."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

type Wire = dict[str, Any]

CONDITION_FAILED = "ConditionalCheckFailed"
_BUSY_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_BUSY_ERRORS = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_BATCH_GET_KEYS = 100
_BATCH_GET_ATTEMPTS = 6


class BusyError(Exception):
    """DynamoDB was too busy, or another transaction held the item. Nothing was written; try again."""


class TransactionCancelledError(Exception):
    """A transaction was refused and nothing was written.

    `codes` has one entry an action, in their order: "None" or `CONDITION_FAILED`. `items` holds what stood in
    the way, for the actions that asked with ReturnValuesOnConditionCheckFailure.
    """

    def __init__(self, codes: Sequence[str], items: Sequence[dict[str, Any] | None]) -> None:
        super().__init__(f"transaction cancelled: {', '.join(sorted(set(codes)))}")
        self.codes = tuple(codes)
        self.items = tuple(items)


class _IntDeserializer(TypeDeserializer):
    def _deserialize_n(self, value: str) -> int:  # the shop stores no fractions, and Decimal is not JSON
        return int(value)


_serializer = TypeSerializer()
_deserializer = _IntDeserializer()


def to_wire(values: Mapping[str, Any]) -> Wire:
    """`values` in DynamoDB's notation. Raises TypeError for floats and other types that DynamoDB lacks."""
    return {name: _serializer.serialize(value) for name, value in values.items()}


def from_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as plain values. Raises ValueError for a number with a fraction."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}


def condition_failed(error: ClientError) -> bool:
    """Whether a single write was refused by its ConditionExpression."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def busy(error: ClientError) -> bool:
    """Whether a write was refused because DynamoDB was too busy, or a transaction held the item: try it again."""
    return error.response["Error"]["Code"] in _BUSY_ERRORS


def blocking_item(error: ClientError) -> dict[str, Any] | None:
    """The item that refused a write made with ReturnValuesOnConditionCheckFailure; None without one."""
    answer: Mapping[str, Any] = error.response
    item = answer.get("Item")
    return from_wire(item) if item else None


def transact(client: "DynamoDBClient", actions: "Sequence[TransactWriteItemTypeDef]") -> None:
    """All `actions` (1 to 100, of different items) or none.

    botocore adds a ClientRequestToken, so an attempt that it repeats after a time-out is written once. Raises
    TransactionCancelledError, or BusyError when another attempt may work; botocore itself repeats neither a
    conflict nor a cancelled transaction.
    """
    try:
        client.transact_write_items(TransactItems=actions)
    except ClientError as error:
        if busy(error):
            raise BusyError(str(error)) from error
        answer: Mapping[str, Any] = error.response
        reasons = answer.get("CancellationReasons") or []
        codes = [reason.get("Code", "None") for reason in reasons]
        if not _BUSY_REASONS.isdisjoint(codes):
            raise BusyError(str(error)) from error
        if CONDITION_FAILED not in codes:
            raise
        items = [from_wire(reason["Item"]) if reason.get("Item") else None for reason in reasons]
        raise TransactionCancelledError(codes, items) from error


def batch_get(
    client: "DynamoDBClient",
    table: str,
    keys: Sequence[Mapping[str, Any]],
    attributes: Sequence[str],
    *,
    consistent: bool = False,
) -> Iterator[dict[str, Any]]:
    """The items of `keys` (no key twice), in any order, with only `attributes`; missing ones are left out.

    Asks again for what DynamoDB leaves unprocessed, with jittered back-off; raises BusyError when it keeps
    doing so.
    """
    names = {f"#{index}": name for index, name in enumerate(attributes)}
    for start in range(0, len(keys), _BATCH_GET_KEYS):
        wanted: Any = {
            table: {
                "Keys": [to_wire(key) for key in keys[start : start + _BATCH_GET_KEYS]],
                "ProjectionExpression": ",".join(names),
                "ExpressionAttributeNames": names,
                "ConsistentRead": consistent,
            }
        }
        for attempt in range(_BATCH_GET_ATTEMPTS):
            answer = client.batch_get_item(RequestItems=wanted)
            yield from map(from_wire, answer["Responses"].get(table, []))
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                break
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
        else:
            raise BusyError(f"{table} left keys unprocessed {_BATCH_GET_ATTEMPTS} times")
