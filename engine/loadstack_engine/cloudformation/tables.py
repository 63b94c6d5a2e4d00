"""DynamoDB tables: their updates, which LocalStack lacks, and what it leaves out when it creates one."""

import copy
import time
from typing import Any

from loadstack_engine.cloudformation.loops import PERIOD_S
from loadstack_engine.cloudformation.models import Model, Request, changed_tags, chosen

_INDEX_TAKES_S = 60


def finish(request: Request, model: Model) -> None:
    client, name = request.aws_client_factory.dynamodb, model["TableName"]
    wanted, had = (
        _enabled(of.get("PointInTimeRecoverySpecification"), "PointInTimeRecoveryEnabled")
        for of in (model, request.previous_state or {})
    )
    if wanted != had:
        client.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted}
        )


def update(request: Request, model: Model) -> None:
    """One thing after the other, as UpdateTable wants it; an index a call. What is there already is left alone: an
    update that fails half way is undone by another one.
    """
    client = request.aws_client_factory.dynamodb
    table = {"TableName": model["TableName"]}
    before = _there(client, table)
    billing = model.get("BillingMode") or "PROVISIONED"
    throughput = _numbers(model.get("ProvisionedThroughput"))
    changes: dict[str, Any] = {}
    if billing != before["BillingMode"]:
        changes["BillingMode"] = billing
    if billing == "PROVISIONED" and throughput and throughput != _numbers(before.get("ProvisionedThroughput")):
        changes["ProvisionedThroughput"] = throughput
    if changes:
        client.update_table(**table, **changes)
    for change in _stream_changes(model, before):
        client.update_table(**table, StreamSpecification=change)
    for change in _index_changes(model, before, billing):
        _settled(client, table)
        client.update_table(**table, AttributeDefinitions=model["AttributeDefinitions"], **change)
    for ttl in _ttl_changes(model.get("TimeToLiveSpecification"), before["TimeToLiveSpecification"]):
        client.update_time_to_live(**table, TimeToLiveSpecification=ttl)
    found = _settled(client, table)
    _retag(client, found["TableArn"], model, request.previous_state or {})
    model["Arn"] = found["TableArn"]
    model.pop("StreamArn", None)
    if found.get("LatestStreamArn") and model.get("StreamSpecification"):
        model["StreamArn"] = found["LatestStreamArn"]


def _there(client: Any, table: dict[str, str]) -> Model:
    """The properties that can change, as they are."""
    found = _settled(client, table)
    stream = found.get("StreamSpecification") or {}
    ttl = client.describe_time_to_live(**table)["TimeToLiveDescription"]
    return {
        "BillingMode": (found.get("BillingModeSummary") or {}).get("BillingMode") or "PROVISIONED",
        "ProvisionedThroughput": chosen(
            found.get("ProvisionedThroughput") or {}, ("ReadCapacityUnits", "WriteCapacityUnits")
        ),
        "StreamSpecification": stream if stream.get("StreamEnabled") else None,
        "GlobalSecondaryIndexes": found.get("GlobalSecondaryIndexes"),
        "TimeToLiveSpecification": {
            "Enabled": ttl["TimeToLiveStatus"] == "ENABLED",
            "AttributeName": ttl.get("AttributeName"),
        },
    }


def _settled(client: Any, table: dict[str, str]) -> Model:
    """The table, once no index of it is being made or deleted, if that is soon: until then it takes no other change."""
    deadline = time.monotonic() + _INDEX_TAKES_S
    while True:
        found: Model = client.describe_table(**table)["Table"]
        states = {each["IndexStatus"] for each in found.get("GlobalSecondaryIndexes") or ()}
        if states <= {"ACTIVE"} or time.monotonic() > deadline:
            return found
        time.sleep(PERIOD_S)


def _stream_changes(model: Model, before: Model) -> list[dict[str, Any]]:
    """Another view of a stream is another stream: the old one is closed first."""
    wanted, had = model.get("StreamSpecification"), before.get("StreamSpecification")
    if (wanted or {}).get("StreamViewType") == (had or {}).get("StreamViewType"):
        return []
    closed = [{"StreamEnabled": False}] if had else []
    return [*closed, *([{"StreamEnabled": True, "StreamViewType": wanted["StreamViewType"]}] if wanted else [])]


def _index_changes(model: Model, before: Model, billing: str) -> list[dict[str, Any]]:
    wanted = {each["IndexName"]: each for each in model.get("GlobalSecondaryIndexes") or ()}
    had = {each["IndexName"]: each for each in before.get("GlobalSecondaryIndexes") or ()}
    other = [name for name in wanted.keys() & had.keys() if _index(wanted[name]) != _index(had[name])]
    gone = [{"Delete": {"IndexName": name}} for name in sorted([*(had.keys() - wanted.keys()), *other])]
    new = [_created(wanted[name], billing) for name in sorted([*(wanted.keys() - had.keys()), *other])]
    return [{"GlobalSecondaryIndexUpdates": [change]} for change in (*gone, *new)]


def _index(index: Model) -> tuple[Any, Any, Any]:
    keys, projection = index.get("KeySchema") or (), index.get("Projection") or {}
    return (
        {each["AttributeName"]: each["KeyType"] for each in keys},
        projection.get("ProjectionType"),
        sorted(projection.get("NonKeyAttributes") or ()),
    )


def _created(index: Model, billing: str) -> dict[str, Any]:
    wanted = {key: copy.deepcopy(index[key]) for key in ("IndexName", "KeySchema", "Projection")}
    if billing == "PROVISIONED":
        wanted["ProvisionedThroughput"] = _numbers(index.get("ProvisionedThroughput"))
    return {"Create": wanted}


def _ttl_changes(wanted: Model | None, had: Model | None) -> list[dict[str, Any]]:
    """Another attribute: the old one is turned off first, as it has to be."""
    changes = []
    was_on, is_on = _enabled(had, "Enabled"), _enabled(wanted, "Enabled")
    other = (wanted or {}).get("AttributeName") != (had or {}).get("AttributeName")
    if had and was_on and (not is_on or other):
        changes.append({"Enabled": False, "AttributeName": had["AttributeName"]})
    if wanted and is_on and (not was_on or other):
        changes.append({"Enabled": True, "AttributeName": wanted["AttributeName"]})
    return changes


def _retag(client: Any, arn: str, model: Model, before: Model) -> None:
    new, gone = changed_tags(model, before)
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=gone)
    if new:
        client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in new.items()])


def _numbers(throughput: Model | None) -> dict[str, int]:
    return {key: int(value) for key, value in (throughput or {}).items()}


def _enabled(specification: Model | None, name: str) -> bool:
    return str((specification or {}).get(name, False)).lower() == "true"
