"""What a call of DynamoDB consumed: asked for with the call, and taken out of the answer where the caller did not ask.

Where a condition fails, AWS answers no capacity and bills all the same: a write by the size of the larger of the
existing item and the new one, a transaction twice that for each of its items.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

DynamoDB Local 3 tells too much or too little of ``TransactWriteItems``: twice what AWS bills for each write, and equal
writes once (https://github.com/awslabs/amazon-dynamodb-local-samples/issues/31). AWS bills each item's units twice, of
its indexes once. So units are those of the items that are put, and for updates, deletions and checks, whose items a
caller does not have, the least that fits what DynamoDB Local tells.

PartiQL is not looked into.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

READ, WRITE = "read_units", "write_units"
_KINDS = dict.fromkeys(("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"), READ) | dict.fromkeys(
    ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"), WRITE
)
_CONDITIONAL = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_WANT_CAPACITY = b'"ReturnConsumedCapacity":"INDEXES",'
_WANT_ITEM = b'"ReturnValuesOnConditionCheckFailure":"ALL_OLD",'
_WRITE_UNIT_BYTES = 1024
_TRANSACTION = 2
_TOLD_FOR_A_UNIT = 4


class Units(NamedTuple):
    """``name`` is the table's, or ``table/index/its name``; ``kind`` is READ or WRITE."""

    name: str
    kind: str
    units: float


class Asked(NamedTuple):
    """What was added to a call, to be taken out of its answer."""

    operation: str
    kind: str
    capacity: bool
    item: bool


def ask(operation: str, request: dict[str, Any]) -> Asked | None:
    """Change the request so that its answer tells; None where it cannot."""
    kind, body = _KINDS.get(operation), request.get("body")
    if kind is None or not isinstance(body, bytes) or not body.startswith(b'{"'):
        return None
    if b'"ReturnConsumedCapacity"' in body:
        body, capacity = _with_capacity(body)
    else:
        body, capacity = b"{" + _WANT_CAPACITY + body[1:], True
    is_conditional = operation in _CONDITIONAL and b'"ConditionExpression"' in body
    item = is_conditional and b'"ReturnValuesOnConditionCheckFailure"' not in body
    request["body"] = b"{" + _WANT_ITEM + body[1:] if item else body
    return Asked(operation, kind, capacity, item)


def _with_capacity(body: bytes) -> tuple[bytes, bool]:
    """Where the caller says what it wants to know, it is left; but for nothing, or a word within its data."""
    fields = json.loads(body)
    if fields.get("ReturnConsumedCapacity", "NONE") != "NONE":
        return body, False
    return json.dumps(fields | {"ReturnConsumedCapacity": "INDEXES"}).encode(), True


def take(asked: Asked, request: dict[str, Any], answer: dict[str, Any]) -> list[Units]:
    """What was consumed; the answer is as if only its caller had asked."""
    capacities = answer.pop("ConsumedCapacity", None) if asked.capacity else answer.get("ConsumedCapacity")
    item = answer.pop("Item", None) if asked.item else answer.get("Item")
    code = answer.get("Error", {}).get("Code")
    if code == "ConditionalCheckFailedException":
        return list(_of_failed_write(json.loads(request["body"]), item))
    if code == "TransactionCanceledException" and asked.kind == WRITE:
        return list(_of_cancelled(json.loads(request["body"]), answer.get("CancellationReasons") or ()))
    if asked.operation == "TransactWriteItems" and capacities:
        return list(_of_transaction(json.loads(request["body"]), _listed(capacities)))
    return [units for each in _listed(capacities) for units in _of_capacity(each, asked.kind)]


def _listed(capacities: Any) -> list[dict[str, Any]]:
    return capacities if isinstance(capacities, list) else [capacities] if capacities else []


def _of_capacity(capacity: dict[str, Any], kind: str) -> Iterator[Units]:
    """Of the table and of each of its indexes; of all together where the answer tells no more."""
    table = _table(capacity["TableName"])
    own = capacity.get("Table", capacity).get("CapacityUnits", 0.0)
    if own:
        yield Units(table, kind, own)
    for indexes in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for name, index in (capacity.get(indexes) or {}).items():
            if units := index.get("CapacityUnits", 0.0):
                yield Units(f"{table}/index/{name}", kind, units)


def _of_transaction(fields: dict[str, Any], capacities: list[dict[str, Any]]) -> Iterator[Units]:
    puts: dict[str, list[float | None]] = {}
    for action in fields["TransactItems"]:
        ((_, parameters),) = action.items()
        item = parameters.get("Item")
        puts.setdefault(_table(parameters["TableName"]), []).append(_write_units(item) if item else None)
    told = {_table(each["TableName"]): each for each in capacities}
    for table, units in puts.items():
        own = told.get(table, {}).get("Table", {}).get("CapacityUnits", 0.0)
        yield Units(table, WRITE, _TRANSACTION * _least(units, own / _TOLD_FOR_A_UNIT))
    for each in capacities:
        for name, _, units_ in _of_capacity(each | {"Table": {}}, WRITE):
            yield Units(name, WRITE, units_ / _TOLD_FOR_A_UNIT)


def _least(units: list[float | None], distinct_sum: float) -> float:
    """The sum of all, where the different ones sum up to that. Of those unknown the least: exactly one is exact, but
    where it may be as any of several known ones.
    """
    known = [each for each in units if each is not None]
    missing, rest = len(units) - len(known), distinct_sum - sum(set(known))
    least = max(rest, missing) if rest > 0 else missing * min(known, default=1.0)
    return sum(known) + (least if missing else 0.0)


def _of_failed_write(fields: dict[str, Any], existing: dict[str, Any] | None) -> Iterator[Units]:
    yield Units(_table(fields["TableName"]), WRITE, _write_units(fields.get("Item"), existing))


def _of_cancelled(fields: dict[str, Any], reasons: Any) -> Iterator[Units]:
    reasons = list(reasons) + [{}] * len(fields["TransactItems"])
    for action, reason in zip(fields["TransactItems"], reasons, strict=False):
        ((_, parameters),) = action.items()
        units = _TRANSACTION * _write_units(parameters.get("Item"), reason.get("Item"))
        yield Units(_table(parameters["TableName"]), WRITE, units)


def _write_units(*items: dict[str, Any] | None) -> float:
    size = max(item_bytes(item) for item in items if item) if any(items) else 0
    return float(max(1, -(-size // _WRITE_UNIT_BYTES)))


def item_bytes(item: dict[str, Any]) -> int:
    """The size of an item as DynamoDB counts it.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return _number_bytes(content)
    if kind in ("SS", "NS", "BS"):
        return sum(_value_bytes({kind[0]: each}) for each in content)
    if kind == "L":
        return 3 + sum(1 + _value_bytes(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in content.items())
    return _binary_bytes(content) if kind == "B" else 1


def _binary_bytes(content: str | bytes) -> int:
    """A request has them as base64; of an answer the SDK has made bytes."""
    return len(content.rstrip("=")) * 3 // 4 if isinstance(content, str) else len(content)


def _number_bytes(number: str) -> int:
    """A byte for two significant digits, and one more."""
    digits = number.lstrip("+-").upper().partition("E")[0].replace(".", "").strip("0")
    return -(-len(digits) // 2) + 1


def _table(name: str) -> str:
    """Of an ARN too."""
    return name.partition(":table/")[2].partition("/")[0] or name
