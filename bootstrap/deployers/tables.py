"""DynamoDB tables: on demand, with their indexes, their time to live and their stream."""

from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.errors import DeployError
from bootstrap.resources import GlobalSecondaryIndex, Table
from bootstrap.streams import StreamView


def ensure(context: Context, table: Table) -> Outcome:
    """Create the table, or add and remove indexes and set the time to live and the stream of the one that is
    there.

    Raises:
        DeployError: the table's own key differs, which DynamoDB cannot change.
    """
    if table.name not in context.observed.tables():
        create(context, table)
        return Outcome.CREATED
    found: Any = context.clients.dynamodb.describe_table(TableName=table.name)["Table"]
    if not _has_key(found, table):
        hint = "make reset keeps tables: delete this one, or make down and make up."
        raise DeployError(str(table.ref), "KeyChanged", "a table's key cannot be changed in place", hint)
    changed = _ensure_indexes(context, table, found)
    changed |= _ensure_time_to_live(context, table)
    changed |= _ensure_stream(context, table, found)
    return Outcome.UPDATED if changed else Outcome.UNCHANGED


def _has_key(found: dict[str, Any], table: Table) -> bool:
    """Whether the key's attributes have the declared names, roles and types."""
    types = {each["AttributeName"]: each["AttributeType"] for each in found["AttributeDefinitions"]}
    schema = _key_schema(table.hash_key, table.range_key)
    names = [each["AttributeName"] for each in schema]
    return found["KeySchema"] == schema and all(types[name] == table.attributes[name] for name in names)


def create(context: Context, table: Table) -> None:
    """Create the table as declared and return when it is active."""
    request: dict[str, Any] = {
        "TableName": table.name,
        "AttributeDefinitions": _attributes(table),
        "KeySchema": _key_schema(table.hash_key, table.range_key),
        "BillingMode": "PAY_PER_REQUEST",
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(index) for index in table.indexes]
    if table.stream:
        request["StreamSpecification"] = _stream(table.stream)
    answer = context.clients.dynamodb.create_table(**request)
    if answer["TableDescription"].get("TableStatus") != "ACTIVE":
        _wait_until_active(context, table)
    if table.time_to_live:
        _set_time_to_live(context, table, table.time_to_live, enabled=True)


def delete(context: Context, table: Table) -> None:
    """Delete the table with all that is in it and return when it is gone."""
    dynamodb = context.clients.dynamodb
    dynamodb.delete_table(TableName=table.name)

    def gone() -> bool:
        try:
            dynamodb.describe_table(TableName=table.name)
        except dynamodb.exceptions.ResourceNotFoundException:
            return True
        return False

    context.wait_until(gone, f"deleting table {table.name}")


def _ensure_indexes(context: Context, table: Table, found: dict[str, Any]) -> bool:
    """DynamoDB takes one change of an index at a time, and the table is busy meanwhile."""
    there = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}
    declared = {index.name: index for index in table.indexes}
    stale = [name for name in there if name not in declared or _differs(there[name], declared[name])]
    for name in stale:
        _change_index(context, table, {"Delete": {"IndexName": name}})
    missing = [index for name, index in declared.items() if name not in there or name in stale]
    for index in missing:
        _change_index(context, table, {"Create": _index(index)})
    return bool(stale or missing)


def _change_index(context: Context, table: Table, change: dict[str, Any]) -> None:
    context.clients.dynamodb.update_table(
        TableName=table.name,
        AttributeDefinitions=_attributes(table),
        GlobalSecondaryIndexUpdates=[change],  # type: ignore[list-item]
    )
    _wait_until_active(context, table)


def _ensure_time_to_live(context: Context, table: Table) -> bool:
    found = context.clients.dynamodb.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    enabled = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    attribute = found.get("AttributeName") if enabled else None
    if attribute == table.time_to_live:
        return False
    if attribute:
        _set_time_to_live(context, table, attribute, enabled=False)
    if table.time_to_live:
        _set_time_to_live(context, table, table.time_to_live, enabled=True)
    return True


def _ensure_stream(context: Context, table: Table, found: dict[str, Any]) -> bool:
    """What a stream shows cannot be changed: another stream takes its place."""
    there = found.get("StreamSpecification") or {}
    view = there.get("StreamViewType") if there.get("StreamEnabled") else None
    if view == table.stream:
        return False
    if view:
        _change_stream(context, table, {"StreamEnabled": False})
    if table.stream:
        _change_stream(context, table, _stream(table.stream))
    return True


def _change_stream(context: Context, table: Table, specification: Any) -> None:
    context.clients.dynamodb.update_table(TableName=table.name, StreamSpecification=specification)
    _wait_until_active(context, table)


def _stream(view: StreamView) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": view}


def _set_time_to_live(context: Context, table: Table, attribute: str, *, enabled: bool) -> None:
    context.clients.dynamodb.update_time_to_live(
        TableName=table.name, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
    )


def _wait_until_active(context: Context, table: Table) -> None:
    def active() -> bool:
        found = context.clients.dynamodb.describe_table(TableName=table.name)["Table"]
        indexes = found.get("GlobalSecondaryIndexes", ())
        return found["TableStatus"] == "ACTIVE" and all(each.get("IndexStatus") == "ACTIVE" for each in indexes)

    context.wait_until(active, f"table {table.name}", timeout_s=60)


def _attributes(table: Table) -> Any:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in table.attributes.items()]


def _key_schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    schema = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return schema + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


def _index(index: GlobalSecondaryIndex) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.hash_key, index.range_key),
        "Projection": {"ProjectionType": index.projection},
    }


def _differs(found: dict[str, Any], declared: GlobalSecondaryIndex) -> bool:
    wanted = _index(declared)
    same_projection = found["Projection"]["ProjectionType"] == wanted["Projection"]["ProjectionType"]
    return found["KeySchema"] != wanted["KeySchema"] or not same_projection
