"""How the store reads DynamoDB's refusals."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from common.dynamodb import BusyError, to_wire
from inventory.domain import Line, Reservation, State
from inventory.store import DynamoReservations, OutOfStockError, StaleError

AT = "2026-11-21T10:15:31.000Z"
LINES = (Line("p1", 2), Line("p2", 1))
RESERVED = Reservation("o", State.RESERVED, LINES, 1, AT)
ITEM = {
    "orderId": "o",
    "state": "RESERVED",
    "lines": [{"productId": "p1", "quantity": 2}, {"productId": "p2", "quantity": 1}],
    "held": 1,
    "at": AT,
}


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
def store(client: Any) -> DynamoReservations:
    """The store under test."""
    return DynamoReservations(client, "reservations", "stock")


def cancelled(stub: Stubber, *codes: str, item: dict[str, Any] | None = None) -> None:
    """The next transaction is cancelled for these reasons; `item` blocked the mark on the reservation."""
    reasons: list[dict[str, Any]] = [{"Code": code} for code in codes]
    if item:
        reasons[0]["Item"] = to_wire(item)
    fields = {"CancellationReasons": reasons}
    stub.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=fields)


def test_first_chunk_is_one_transaction(stub: Stubber, store: DynamoReservations) -> None:
    def stock(product_id: str, quantity: int) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": "stock",
                "Key": {"productId": {"S": product_id}},
                "UpdateExpression": "SET stock = stock - :quantity",
                "ExpressionAttributeValues": {":quantity": {"N": str(quantity)}},
                "ConditionExpression": "stock >= :quantity",
            }
        }

    mark = {
        "Put": {
            "TableName": "reservations",
            "Item": to_wire(ITEM),
            "ConditionExpression": "attribute_not_exists(orderId)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    expected = {"TransactItems": [mark, stock("p1", 2), stock("p2", 1)]}
    stub.add_response("transact_write_items", {}, expected)
    store.take(None, RESERVED, LINES)


def test_lack_of_stock_is_told_from_a_reservation_that_moved_on(stub: Stubber, store: DynamoReservations) -> None:
    cancelled(stub, "None", "None", "ConditionalCheckFailed")
    with pytest.raises(OutOfStockError):
        store.take(None, RESERVED, LINES)
    cancelled(stub, "ConditionalCheckFailed", "None", "ConditionalCheckFailed", item=ITEM)
    with pytest.raises(StaleError) as caught:
        store.take(None, RESERVED, LINES)
    assert caught.value.found == RESERVED


def test_conflict_is_tried_again(stub: Stubber, store: DynamoReservations) -> None:
    cancelled(stub, "TransactionConflict", "None", "ConditionalCheckFailed")
    cancelled(stub, "None", "TransactionConflict", "None")
    stub.add_response("transact_write_items", {})
    store.take(None, RESERVED, LINES)


def test_conflict_without_end_fails_the_record(stub: Stubber, store: DynamoReservations) -> None:
    for _ in range(6):
        cancelled(stub, "None", "TransactionConflict", "None")
    with pytest.raises(BusyError):
        store.give_back(RESERVED, RESERVED, LINES)


def test_reservation_is_read_as_it_was_written(stub: Stubber, store: DynamoReservations) -> None:
    stub.add_response("get_item", {"Item": to_wire(ITEM)})
    stub.add_response("get_item", {})
    assert store.get("o") == RESERVED
    assert store.get("o") is None
