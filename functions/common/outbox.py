"""The outbox: a record that must be published bears a mark, and keeps it until its publication is known.

The mark is two attributes of the record itself, written with it: `outbox` (`IN_OUTBOX`) and `dueAt`, the key of the
sparse index `outbox-index`. A request publishes at once; what it could not publish, or died before it did, is published
again by the sweep, each minute. Each due record is first moved to its next time (30 s, doubled each time, at most an
hour) and then published. So two sweeps at once do not publish the same record, and a sweep that dies loses nothing: the
record comes due again.
"""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError
from pydantic import ValidationError

from common import clock
from common.dynamodb import condition_failed, from_wire, to_wire
from common.log import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IN_OUTBOX = "pending"
FIRST_SWEEP_S = 30
LONGEST_SWEEP_S = 3600
MAX_RECORDS = 500
_BATCH = 10
_RESERVE_MS = 1500


class Record(Protocol):
    """What must be published, about one order."""

    @property
    def order_id(self) -> str:
        """The key of the table."""

    @property
    def correlation_id(self) -> str:
        """The request that it comes from."""

    @property
    def due_at(self) -> str | None:
        """When to publish it again; None when it is published."""

    @property
    def attempts(self) -> int:
        """How often that has been done."""


class Pending[R: Record](Protocol):
    """The records with the mark."""

    def due(self, now: str, limit: int) -> list[R]:
        """At most `limit` records whose publication is due at `now`, longest overdue first."""

    def postpone(self, record: R, due_at: str) -> bool:
        """Claim a due record by moving it to `due_at`. False when another sweep, or its publication, was faster."""


class DynamoPending[R: Record]:
    """`Pending` in a table with the key `orderId` and the sparse index `outbox-index`; `parse` makes a record of an
    item, or raises ValidationError.
    """

    def __init__(self, client: "DynamoDBClient", table: str, parse: Callable[[dict[str, Any]], R]) -> None:
        self._client = client
        self._table = table
        self._parse = parse

    def due(self, now: str, limit: int) -> list[R]:
        """See `Pending`. The index is sparse: a record leaves it with its mark."""
        found: list[R] = []
        request: dict[str, Any] = {}
        while len(found) < limit:
            answer = self._client.query(
                TableName=self._table,
                IndexName="outbox-index",
                KeyConditionExpression="outbox = :pending AND dueAt <= :now",
                ExpressionAttributeValues=to_wire({":pending": IN_OUTBOX, ":now": now}),
                Limit=limit - len(found),
                **request,
            )
            found += [record for item in answer["Items"] if (record := self._readable(from_wire(item)))]
            if "LastEvaluatedKey" not in answer:
                break
            request = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return found

    def _readable(self, item: dict[str, Any]) -> R | None:
        """The record, or None for an item that is none: it is logged and leaves the index, to block no other."""
        try:
            return self._parse(item)
        except ValidationError:
            logger.exception("a record in the outbox cannot be read; it is taken out", order_id=item["orderId"])
        self._client.update_item(
            TableName=self._table,
            Key=to_wire({"orderId": item["orderId"]}),
            UpdateExpression="SET outbox = :unreadable",
            ExpressionAttributeValues=to_wire({":unreadable": "unreadable"}),
        )
        return None

    def postpone(self, record: R, due_at: str) -> bool:
        """See `Pending`."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_wire({"orderId": record.order_id}),
                UpdateExpression="SET dueAt = :next, attempts = :attempts",
                ConditionExpression="outbox = :pending AND dueAt = :due",
                ExpressionAttributeValues=to_wire(
                    {
                        ":next": due_at,
                        ":attempts": record.attempts + 1,
                        ":pending": IN_OUTBOX,
                        ":due": record.due_at,
                    }
                ),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True


def next_sweep(now: str, attempts: int) -> str:
    """When to publish again after `attempts` attempts: 30 s, doubled each time, at most an hour."""
    return clock.after(now, min(FIRST_SWEEP_S * 2 ** min(attempts, 20), LONGEST_SWEEP_S))


def sweep[R: Record](
    pending: Pending[R], publish: Callable[[Sequence[R]], None], remaining_ms: Callable[[], int]
) -> dict[str, int]:
    """Publish at most `MAX_RECORDS` due records, ten at a time, as long as the invocation has 1.5 s left.

    Answers how many were found due, and how many were published.
    """
    now = clock.now()
    due = pending.due(now, MAX_RECORDS)
    published = 0
    for batch in batched(due, _BATCH, strict=False):
        if remaining_ms() < _RESERVE_MS:
            break
        claimed = [record for record in batch if pending.postpone(record, next_sweep(now, record.attempts + 1))]
        published += _publish(publish, claimed)
    if due:
        logger.info("swept", due=len(due), published=published)
    return {"due": len(due), "published": published}


def _publish[R: Record](publish: Callable[[Sequence[R]], None], records: Sequence[R]) -> int:
    try:
        publish(records)
    except Exception:  # one bad batch must not hold the others; it comes due again
        for record in records:
            logger.exception("still not published", order_id=record.order_id, correlation_id=record.correlation_id)
        return 0
    for record in records:
        logger.info("published again", order_id=record.order_id, correlation_id=record.correlation_id)
    return len(records)
