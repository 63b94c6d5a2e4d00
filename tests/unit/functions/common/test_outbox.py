"""The sweep, over records in memory, and what the store asks of DynamoDB."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from common import clock
from common.model import Model
from common.outbox import MAX_RECORDS, DynamoPending, next_sweep, sweep

DUE = "2026-11-21T10:16:00.000Z"
LATER = "2999-01-01T00:00:00.000Z"


class Parcel(Model):
    """A record."""

    order_id: str
    correlation_id: str = "corr-1"
    due_at: str | None = DUE
    attempts: int = 0


@dataclass
class MemoryPending:
    """`Pending` in a dict."""

    parcels: dict[str, Parcel] = field(default_factory=dict)

    def due(self, now: str, limit: int) -> list[Parcel]:
        """See `Pending`."""
        waiting = [parcel for parcel in self.parcels.values() if parcel.due_at is not None and parcel.due_at <= now]
        return sorted(waiting, key=lambda parcel: parcel.due_at or "")[:limit]

    def postpone(self, record: Parcel, due_at: str) -> bool:
        """See `Pending`."""
        if self.parcels[record.order_id].due_at != record.due_at:
            return False
        update = {"due_at": due_at, "attempts": record.attempts + 1}
        self.parcels[record.order_id] = record.model_copy(update=update)
        return True


@dataclass
class Post:
    """Takes parcels; the first `failures` times it does not."""

    failures: int = 0
    sent: list[str] = field(default_factory=list)

    def send(self, parcels: Sequence[Parcel]) -> None:
        """All of them, or raise."""
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the bus is away")
        self.sent += [parcel.order_id for parcel in parcels]


def waiting(count: int) -> MemoryPending:
    """So many parcels that are due."""
    return MemoryPending({f"o{number}": Parcel(order_id=f"o{number}") for number in range(count)})


def ticking(*values: int) -> Callable[[], int]:
    """What is left of the invocation, look by look; the last value stays."""
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_sweep_publishes_what_is_due_and_postpones_it() -> None:
    pending, post = waiting(1), Post()
    pending.parcels["later"] = Parcel(order_id="later", due_at=LATER)
    assert sweep(pending, post.send, ticking(5000)) == {"due": 1, "published": 1}
    assert post.sent == ["o0"]
    assert pending.parcels["o0"].attempts == 1
    assert sweep(pending, post.send, ticking(5000)) == {"due": 0, "published": 0}


def test_sweep_is_bounded() -> None:
    pending, post = waiting(MAX_RECORDS + 5), Post()
    assert sweep(pending, post.send, ticking(5000)) == {"due": MAX_RECORDS, "published": MAX_RECORDS}
    assert sweep(pending, post.send, ticking(5000)) == {"due": 5, "published": 5}


def test_sweep_stops_when_its_time_is_running_out() -> None:
    assert sweep(waiting(30), Post().send, ticking(5000, 5000, 100)) == {"due": 30, "published": 20}


def test_sweep_goes_on_after_a_batch_that_fails() -> None:
    pending = waiting(20)
    assert sweep(pending, Post(failures=1).send, ticking(5000)) == {"due": 20, "published": 10}
    assert {parcel.attempts for parcel in pending.parcels.values()} == {1}


def test_two_sweeps_at_once_publish_once() -> None:
    pending, post = waiting(1), Post()
    found = pending.due(clock.now(), 10)

    class Slow(MemoryPending):
        def due(self, now: str, limit: int) -> list[Parcel]:
            return found

    sweep(pending, post.send, ticking(5000))
    assert sweep(Slow(pending.parcels), post.send, ticking(5000)) == {"due": 1, "published": 0}
    assert post.sent == ["o0"]


@pytest.mark.parametrize(
    ("attempts", "at"),
    [
        (0, "10:00:30"),
        (1, "10:01:00"),
        (2, "10:02:00"),
        (6, "10:32:00"),
        (7, "11:00:00"),
        (10**6, "11:00:00"),
    ],
)
def test_sweeps_are_ever_further_apart_up_to_an_hour(attempts: int, at: str) -> None:
    assert next_sweep("2026-11-21T10:00:00.000Z", attempts) == f"2026-11-21T{at}.000Z"


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("dynamodb")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Its prepared answers; all of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> DynamoPending[Parcel]:
    """The store under test."""
    return DynamoPending(client, "parcels", Parcel.model_validate)


def item(order_id: str) -> dict[str, Any]:
    """A parcel in DynamoDB's notation."""
    return {"orderId": {"S": order_id}, "dueAt": {"S": DUE}}


def look(limit: int, **more: Any) -> dict[str, Any]:
    """The expected query."""
    return {
        "TableName": "parcels",
        "IndexName": "outbox-index",
        "KeyConditionExpression": "outbox = :pending AND dueAt <= :now",
        "ExpressionAttributeValues": {":pending": {"S": "pending"}, ":now": {"S": LATER}},
        "Limit": limit,
        **more,
    }


def test_due_records_are_read_page_by_page(stub: Stubber, store: DynamoPending[Parcel]) -> None:
    last = {"orderId": {"S": "a"}}
    stub.add_response("query", {"Items": [item("a")], "LastEvaluatedKey": last}, look(3))
    stub.add_response("query", {"Items": [item("b")]}, look(2, ExclusiveStartKey=last))
    assert [parcel.order_id for parcel in store.due(LATER, 3)] == ["a", "b"]


def test_record_that_cannot_be_read_leaves_the_outbox(
    stub: Stubber, store: DynamoPending[Parcel], log_lines: list[dict[str, Any]]
) -> None:
    broken = {**item("broken"), "attempts": {"S": "many"}}
    stub.add_response("query", {"Items": [broken, item("b")]})
    taken_out = {
        "TableName": "parcels",
        "Key": {"orderId": {"S": "broken"}},
        "UpdateExpression": "SET outbox = :unreadable",
        "ExpressionAttributeValues": {":unreadable": {"S": "unreadable"}},
    }
    stub.add_response("update_item", {}, taken_out)
    assert [parcel.order_id for parcel in store.due(LATER, 3)] == ["b"]
    assert [line["order_id"] for line in log_lines] == ["broken"]


def test_record_is_claimed_only_as_it_was_found(stub: Stubber, store: DynamoPending[Parcel]) -> None:
    claim = {
        "TableName": "parcels",
        "Key": {"orderId": {"S": "a"}},
        "UpdateExpression": "SET dueAt = :next, attempts = :attempts",
        "ConditionExpression": "outbox = :pending AND dueAt = :due",
        "ExpressionAttributeValues": {
            ":next": {"S": LATER},
            ":attempts": {"N": "1"},
            ":pending": {"S": "pending"},
            ":due": {"S": DUE},
        },
    }
    stub.add_response("update_item", {}, claim)
    assert store.postpone(Parcel(order_id="a"), LATER)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not store.postpone(Parcel(order_id="a"), LATER)
    stub.add_client_error("update_item", "ThrottlingException")
    with pytest.raises(ClientError):
        store.postpone(Parcel(order_id="a"), LATER)
