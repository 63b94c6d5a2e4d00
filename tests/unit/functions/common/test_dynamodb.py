"""DynamoDB's failures told apart, against stubbed answers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from common.dynamodb import (
    BusyError,
    TransactionCancelledError,
    batch_get,
    busy,
    from_wire,
    to_wire,
    transact,
)
from common.retry import retry_busy

PUT: Any = {"Put": {"TableName": "t", "Item": {"id": {"S": "1"}}}}


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


def cancelled(stub: Stubber, *codes: str, item: dict[str, Any] | None = None) -> None:
    """The next transaction is cancelled for these reasons; `item` blocked the first action."""
    reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
    if item:
        reasons[0]["Item"] = item
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": reasons},
    )


def test_numbers_come_out_as_int() -> None:
    values = {"count": 3, "lines": [{"quantity": 2}], "stages": {"accepted": "now"}, "none": None}
    out = from_wire(to_wire(values))
    assert out == values
    assert type(out["count"]) is int
    assert type(out["lines"][0]["quantity"]) is int


def test_transaction_that_is_written_returns(client: Any, stub: Stubber) -> None:
    stub.add_response("transact_write_items", {})
    transact(client, [PUT])


def test_failed_condition_tells_what_was_in_the_way(client: Any, stub: Stubber) -> None:
    cancelled(stub, "ConditionalCheckFailed", "None", item={"id": {"S": "1"}, "held": {"N": "2"}})
    with pytest.raises(TransactionCancelledError) as caught:
        transact(client, [PUT, PUT])
    assert caught.value.codes == ("ConditionalCheckFailed", "None")
    assert caught.value.items == ({"id": "1", "held": 2}, None)


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_conflict_and_throttling_in_a_transaction_are_busy(client: Any, stub: Stubber, code: str) -> None:
    cancelled(stub, "ConditionalCheckFailed", code)
    with pytest.raises(BusyError):
        transact(client, [PUT, PUT])


def test_throttled_call_is_busy(client: Any, stub: Stubber) -> None:
    stub.add_client_error("transact_write_items", "TransactionInProgressException")
    with pytest.raises(BusyError):
        transact(client, [PUT])


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_other_errors_pass(client: Any, stub: Stubber, code: str) -> None:
    stub.add_client_error("transact_write_items", code)
    with pytest.raises(ClientError):
        transact(client, [PUT])


def test_busy_is_tried_six_times() -> None:
    calls = []

    @retry_busy
    def work() -> None:
        calls.append(1)
        raise BusyError

    with pytest.raises(BusyError):
        work()
    assert len(calls) == 6


def test_batch_get_asks_again_for_what_was_left(client: Any, stub: Stubber) -> None:
    left = {"t": {"Keys": [{"id": {"S": "2"}}]}}
    stub.add_response("batch_get_item", {"Responses": {"t": [{"id": {"S": "1"}}]}, "UnprocessedKeys": left})
    stub.add_response("batch_get_item", {"Responses": {"t": [{"id": {"S": "2"}}]}}, {"RequestItems": left})
    assert list(batch_get(client, "t", [{"id": "1"}, {"id": "2"}], ["id"])) == [{"id": "1"}, {"id": "2"}]


def test_batch_get_that_never_ends_is_busy(client: Any, stub: Stubber) -> None:
    for _ in range(6):
        stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {"t": {"Keys": [{"id": {"S": "1"}}]}}})
    with pytest.raises(BusyError):
        list(batch_get(client, "t", [{"id": "1"}], ["id"]))


def test_batch_get_of_nothing_makes_no_call(client: Any, stub: Stubber) -> None:
    assert list(batch_get(client, "t", [], ["id"])) == []


def test_batch_get_takes_a_hundred_keys_a_call(client: Any, stub: Stubber) -> None:
    stub.add_response("batch_get_item", {"Responses": {"t": []}})
    stub.add_response("batch_get_item", {"Responses": {"t": []}})
    assert list(batch_get(client, "t", [{"id": str(n)} for n in range(101)], ["id"])) == []


@pytest.mark.parametrize("consistent", [True, False])
def test_batch_get_reads_consistently_when_told_to(client: Any, stub: Stubber, consistent: bool) -> None:
    wanted = {
        "Keys": [{"id": {"S": "1"}}],
        "ProjectionExpression": "#0",
        "ExpressionAttributeNames": {"#0": "id"},
        "ConsistentRead": consistent,
    }
    stub.add_response("batch_get_item", {"Responses": {"t": []}}, {"RequestItems": {"t": wanted}})
    assert list(batch_get(client, "t", [{"id": "1"}], ["id"], consistent=consistent)) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [("TransactionConflictException", True), ("ThrottlingException", True), ("ConditionalCheckFailedException", False)],
)
def test_write_that_a_transaction_or_throttling_refused_is_busy(code: str, expected: bool) -> None:
    assert busy(ClientError({"Error": {"Code": code}}, "UpdateItem")) is expected
