"""No items in any table; tables, indexes and streams stay."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.dynamodb.models import dynamodb_stores

from loadstack_engine import dynamodb_local

_LIMIT_S = 5.0
_WORKERS = 8
_ITEMS_A_CALL = 25


def empty() -> None:
    """At once, where DynamoDB Local is the engine's; item by item otherwise, each with a record in the table's stream.

    Raises:
        NotTruncatedError: DynamoDB Local did not do it.
    """
    process = dynamodb_local.process()
    if process is not None:
        process.truncate(_LIMIT_S)
        return
    places = [(account_id, region) for account_id, region, _ in dynamodb_stores.iter_stores()]
    for account_id, region in places:
        client = connect_to(aws_access_key_id=account_id, region_name=region).dynamodb
        for page in client.get_paginator("list_tables").paginate():
            for table in page["TableNames"]:
                _delete_items(client, table)


def _delete_items(client: Any, table: str) -> None:
    description = client.describe_table(TableName=table)["Table"]
    names = [key["AttributeName"] for key in description["KeySchema"]]
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="reset") as executor:
        batches = batched(_keys(client, table, names), _ITEMS_A_CALL, strict=False)
        for deletion in [executor.submit(_delete, client, table, keys) for keys in batches]:
            deletion.result()


def _keys(client: Any, table: str, names: list[str]) -> Iterator[dict[str, Any]]:
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression=", ".join(f"#k{number}" for number in range(len(names))),
        ExpressionAttributeNames={f"#k{number}": name for number, name in enumerate(names)},
    )
    for page in pages:
        yield from page["Items"]


def _delete(client: Any, table: str, keys: tuple[dict[str, Any], ...]) -> None:
    left: dict[str, Any] = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    while left:
        left = client.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
