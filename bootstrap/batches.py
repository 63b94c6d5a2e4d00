"""Writes many items to DynamoDB: 25 a call, side by side, and again what the table had no room for."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from time import sleep
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_SIZE = 25  # BatchWriteItem's limit
WORKERS = 8
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.05
# What DynamoDB answers where it took no item of a batch at all:
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
_BUSY = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})


class ThrottledError(Exception):
    """DynamoDB kept handing items back; how many is in the message."""


def put(dynamodb: "DynamoDBClient", table: str, items: Sequence[dict[str, Any]]) -> None:
    """Put all `items`, given in DynamoDB's typed form. Raises ThrottledError and botocore's errors."""
    _write(dynamodb, table, [{"PutRequest": {"Item": item}} for item in items])


def delete(dynamodb: "DynamoDBClient", table: str, keys: Sequence[dict[str, Any]]) -> None:
    """Delete the items with these keys. Raises ThrottledError and botocore's errors."""
    _write(dynamodb, table, [{"DeleteRequest": {"Key": key}} for key in keys])


def _write(dynamodb: "DynamoDBClient", table: str, requests: list[dict[str, Any]]) -> None:
    def write(batch: tuple[dict[str, Any], ...]) -> None:
        _write_batch(dynamodb, table, list(batch))

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="batch-write") as executor:
        # list() so that the first error is raised here
        list(executor.map(write, batched(requests, BATCH_SIZE, strict=False)))


def _write_batch(dynamodb: "DynamoDBClient", table: str, requests: list[dict[str, Any]]) -> None:
    pending: Any = {table: requests}
    for attempt in range(_ATTEMPTS):
        pending = _unprocessed(dynamodb, pending)
        if not pending:
            return
        # Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        sleep(random.uniform(0, _FIRST_PAUSE_S * 2**attempt))
    raise ThrottledError(f"table {table} did not take {len(pending[table])} items in {_ATTEMPTS} attempts")


def _unprocessed(dynamodb: "DynamoDBClient", requests: Any) -> Any:
    try:
        return dynamodb.batch_write_item(RequestItems=requests)["UnprocessedItems"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _BUSY:
            return requests
        raise
