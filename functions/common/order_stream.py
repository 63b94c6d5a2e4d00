"""Consuming the stream of the table `orders`: each change with the order before and after it.

DynamoDB writes the record with the order itself, so neither is ever without the other. Records come at least once;
those of one order in the order of the writes, but for what is sent back from a dead-letter queue.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.dynamodb import BusyError, from_wire
from common.events import Line, Stage, Stages
from common.log import logger
from common.model import Model

CONFIRMED = "CONFIRMED"


class StreamedOrder(Model):
    """What of a stored order its consumers need; `stages` says when it came to which."""

    order_id: str
    customer_id: str
    items: tuple[Line, ...]
    total_cents: int
    status: str
    stages: Stages
    correlation_id: str

    @property
    def confirmed_at(self) -> str:
        """When it was sold, also of one that was cancelled since. Raises KeyError for one that never was."""
        return self.stages[Stage.CONFIRMED.value]


# Nothing else is read: what others keep of an order, or will, cannot be in the way.
_WANTED = tuple(field.alias or name for name, field in StreamedOrder.model_fields.items())


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One write to an order; `before` is None of a new one, `after` of one that was deleted."""

    sequence_number: str
    before: StreamedOrder | None
    after: StreamedOrder | None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "OrderChange":
        """From a record with new and old image. Raises pydantic's ValidationError where that is no order of ours."""
        change = record["dynamodb"]
        return cls(change["SequenceNumber"], _order(change.get("OldImage")), _order(change.get("NewImage")))

    @property
    def sold(self) -> StreamedOrder | None:
        """The order, when this made it CONFIRMED."""
        return self.after if _is_sold(self.after) and not _is_sold(self.before) else None

    @property
    def taken_back(self) -> StreamedOrder | None:
        """The order as it is now, when it was CONFIRMED before; one that was deleted was taken back by nobody."""
        return self.after if _is_sold(self.before) and not _is_sold(self.after) else None

    @property
    def order(self) -> StreamedOrder | None:
        """The newest that is known of it."""
        return self.after or self.before


def consume_orders(
    event: Mapping[str, Any], handle: Callable[[Sequence[OrderChange]], None]
) -> dict[str, list[dict[str, str]]]:
    """Give all changes of a batch to `handle` at once; answer from which on they are to come again.

    `handle` must be harmless to repeat: when it raises, or a record cannot be read, what comes before is handled one by
    one. Not so after BusyError: that would be many more writes to what is busy, and Lambda tries the batch again. Only
    when not even the first can be handled does this raise, so that Lambda halves the batch until the one that fails is
    alone: it alone becomes a dead letter.
    """
    records = event["Records"]
    changes, error = _readable(records)
    done, failure = _handled(changes, handle)
    error = failure or error
    _log(changes[:done])
    if error is None:
        return {"batchItemFailures": []}
    logger.error("a change failed and will come again", exc_info=error)
    if done == 0:
        raise error
    return {"batchItemFailures": [{"itemIdentifier": records[done]["dynamodb"]["SequenceNumber"]}]}


def _readable(records: Sequence[Mapping[str, Any]]) -> tuple[list[OrderChange], Exception | None]:
    """The changes up to the first that cannot be read, and why."""
    changes: list[OrderChange] = []
    for record in records:
        try:
            changes.append(OrderChange.of(record))
        except (ValueError, LookupError, TypeError) as error:
            return changes, error
    return changes, None


def _handled(
    changes: Sequence[OrderChange], handle: Callable[[Sequence[OrderChange]], None]
) -> tuple[int, Exception | None]:
    """How many are done with, and what stopped it."""
    if not changes:
        return 0, None
    try:
        handle(changes)
    except BusyError as error:
        return 0, error
    except Exception as error:
        return (0, error) if len(changes) == 1 else _one_by_one(changes, handle)
    return len(changes), None


def _one_by_one(
    changes: Sequence[OrderChange], handle: Callable[[Sequence[OrderChange]], None]
) -> tuple[int, Exception | None]:
    for done, change in enumerate(changes):
        try:
            handle([change])
        except Exception as error:
            return done, error
    return len(changes), None


def _log(changes: Sequence[OrderChange]) -> None:
    for change in changes:
        if order := change.order:
            logger.info(
                "change of an order is done with",
                correlation_id=order.correlation_id,
                order_id=order.order_id,
                status=order.status,
            )


def _order(image: Mapping[str, Any] | None) -> StreamedOrder | None:
    if not image:
        return None
    return StreamedOrder.model_validate(from_wire({name: image[name] for name in _WANTED if name in image}))


def _is_sold(order: StreamedOrder | None) -> bool:
    return order is not None and order.status == CONFIRMED
