"""The figures in DynamoDB: an item for each minute and day, and for each bucket of their products.

An order's standing and all figures that it changes are written in one transaction, on condition that they are as they
were read: none is counted twice, and none by half. A figure's item holds its tallies as one JSON text, `{product:
[orders, units, cents]}`, which takes fewer bytes than DynamoDB's own maps, and less time to read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from analytics.domain import Change, Key, Standing, Tallies, Tally, added, deltas, news
from analytics.period import Span
from common.dynamodb import BusyError, TransactionCancelledError, batch_get, to_wire, transact
from common.retry import retry_busy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class Figures(Protocol):
    """What the service needs of its figures."""

    def count(self, changes: Sequence[Change]) -> int:
        """Bring the figures up to date with changes of different orders, all or none; returns how many were news."""

    def read(self, span: Span, *, products: bool = False, newest: int | None = None) -> Iterator[tuple[str, Tallies]]:
        """The figures of a span, by minute or day or (`products`) by bucket of it; the `newest` first, or the oldest.

        The text is their minute or day, and with `products` `#` and the bucket. Where all was taken back is nothing.
        """


@dataclass(frozen=True, slots=True)
class _Stored:
    """Tallies as they were read; version 0 where there is no item."""

    tallies: Tallies
    version: int


class DynamoFigures:
    """`Figures` in the tables `sales` (each order's standing) and `sales-figures`."""

    def __init__(self, client: "DynamoDBClient", sales: str, figures: str) -> None:
        self._client = client
        self._sales = sales
        self._figures = figures

    @retry_busy
    def count(self, changes: Sequence[Change]) -> int:
        """See `Figures`. Raises BusyError when others keep changing the same figures."""
        known = self._standings(changes)
        fresh = news(changes, known)
        if not fresh:
            return 0
        changed = deltas(fresh, known)
        stored = self._stored(changed)
        writes = [self._standing(change, known) for change in fresh]
        writes += [self._tallies(key, stored.get(key), delta) for key, delta in changed.items()]
        try:
            transact(self._client, writes)
        except TransactionCancelledError as error:
            raise BusyError("others changed the same figures") from error  # look again
        return len(fresh)

    def read(self, span: Span, *, products: bool = False, newest: int | None = None) -> Iterator[tuple[str, Tallies]]:
        """See `Figures`. Not consistent with what is written meanwhile: pages are read one after the other."""
        request: dict[str, Any] = {
            "TableName": self._figures,
            "KeyConditionExpression": "#level = :level AND #at BETWEEN :start AND :end",
            "ProjectionExpression": "#at, tallies",
            "ExpressionAttributeNames": {"#level": "level", "#at": "at"},
            "ExpressionAttributeValues": to_wire(
                {":level": f"{span.level}-products" if products else span.level, ":start": span.start, ":end": span.end}
            ),
            "ConsistentRead": True,
            "ScanIndexForward": newest is None,
        }
        if newest is not None:
            request["Limit"] = newest + 1  # BETWEEN takes the end too, which is not part of the span
        return islice(self._pages(request, span.end), newest)

    def _pages(self, request: dict[str, Any], end: str) -> Iterator[tuple[str, Tallies]]:
        while True:
            answer = self._client.query(**request)
            for item in answer["Items"]:
                if item["at"]["S"] < end and (tallies := _read(item["tallies"]["S"])):
                    yield item["at"]["S"], tallies
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _standings(self, changes: Iterable[Change]) -> dict[str, Standing]:
        keys = [{"orderId": change.order_id} for change in changes]
        found = batch_get(self._client, self._sales, keys, ["orderId", "standing"], consistent=True)
        return {item["orderId"]: Standing(item["standing"]) for item in found}

    def _stored(self, keys: Iterable[Key]) -> dict[Key, _Stored]:
        wanted = [{"level": key.level, "at": key.at} for key in keys]
        found = batch_get(self._client, self._figures, wanted, ["level", "at", "tallies", "version"], consistent=True)
        return {Key(item["level"], item["at"]): _Stored(_read(item["tallies"]), item["version"]) for item in found}

    def _standing(self, change: Change, known: Mapping[str, Standing]) -> "TransactWriteItemTypeDef":
        item = {"orderId": change.order_id, "minute": change.minute, "standing": change.standing.value}
        return _put(self._sales, item, "standing", known.get(change.order_id, Standing.UNKNOWN).value)

    def _tallies(self, key: Key, stored: _Stored | None, delta: Tallies) -> "TransactWriteItemTypeDef":
        before = stored or _Stored({}, 0)
        tallies = written(added(before.tallies, delta))
        item = {"level": key.level, "at": key.at, "tallies": tallies, "version": before.version + 1}
        return _put(self._figures, item, "version", before.version)


def _put(table: str, item: dict[str, Any], guard: str, before: int) -> "TransactWriteItemTypeDef":
    """Store `item` if its attribute `guard` still is `before`; 0: if there is none yet."""
    put: TransactWriteItemTypeDef = {
        "Put": {
            "TableName": table,
            "Item": to_wire(item),
            "ConditionExpression": "#guard = :before" if before else "attribute_not_exists(#guard)",
            "ExpressionAttributeNames": {"#guard": guard},
        }
    }
    if before:
        put["Put"]["ExpressionAttributeValues"] = to_wire({":before": before})
    return put


def _read(text: str) -> Tallies:
    return {name: Tally(*figures) for name, figures in json.loads(text).items()}


def written(tallies: Tallies) -> str:
    """The JSON text in which tallies are stored."""
    figures = {name: [tally.orders, tally.units, tally.revenue_cents] for name, tally in tallies.items()}
    return json.dumps(figures, separators=(",", ":"))
