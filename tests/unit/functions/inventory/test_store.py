"""How the store reads DynamoDB's refusals."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from common.dynamodb import BusyError, to_wire
from inventory.domain import Line, Reservation, State
from inventory.store import DynamoReservations, OutOfStockError, StaleError
from tests.unit.functions.factories import order_event

AT = "2026-11-21T10:15:31.000Z"
LINES = (Line("p1", 2), Line("p2", 1))
RESERVED = Reservation("o", State.RESERVED, LINES, 1, AT)
DUE_AT = "2026-11-21T10:30:31.000Z"
EVENT = order_event("o")
OPEN = replace(RESERVED, event=EVENT, due_at=DUE_AT)
CLOSE = "REMOVE outbox, dueAt, attempts, #event"
ITEM = {
    "orderId": "o",
    "state": "RESERVED",
    "lines": [{"productId": "p1", "quantity": 2}, {"productId": "p2", "quantity": 1}],
    "held": 1,
    "at": AT,
}
OPEN_ITEM = ITEM | {"outbox": "pending", "dueAt": DUE_AT, "event": EVENT.to_json()}


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
            "Item": to_wire(OPEN_ITEM),
            "ConditionExpression": "attribute_not_exists(orderId)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
    expected = {"TransactItems": [mark, stock("p1", 2), stock("p2", 1)]}
    stub.add_response("transact_write_items", {}, expected)
    store.take(None, OPEN, LINES)


def marked(actions: list[dict[str, Any]]) -> dict[str, Any]:
    """The update of the reservation in a transaction."""
    update: dict[str, Any] = actions[0]["Update"]
    return update


@pytest.mark.parametrize(("after", "closes"), [(replace(OPEN, held=2), False), (RESERVED, True)])
def test_reservation_leaves_the_index_when_it_is_closed(client: Any, after: Reservation, closes: bool) -> None:
    sent: list[dict[str, Any]] = []
    client.meta.events.register("provide-client-params.dynamodb.*", lambda params, **_: sent.append(params))
    with Stubber(client) as stubber:
        stubber.add_response("transact_write_items", {})
        DynamoReservations(client, "reservations", "stock").give_back(OPEN, after, ())
    update = marked(sent[0]["TransactItems"])
    assert (CLOSE in update["UpdateExpression"]) == closes
    assert ("#event" in update["ExpressionAttributeNames"]) == closes


def test_what_is_reserved_is_sold_in_one_write(stub: Stubber, store: DynamoReservations) -> None:
    expected = {
        "TableName": "reservations",
        "Key": to_wire({"orderId": "o"}),
        "UpdateExpression": f"SET #state = :sold {CLOSE}",
        "ConditionExpression": "#state = :reserved",
        "ExpressionAttributeNames": {"#state": "state", "#event": "event"},
        "ExpressionAttributeValues": to_wire({":sold": "SOLD", ":reserved": "RESERVED"}),
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    stub.add_response("update_item", {"Attributes": to_wire(ITEM | {"state": "SOLD"})}, expected)
    assert store.sell("o") == replace(RESERVED, state=State.SOLD)


@pytest.mark.parametrize("found", [None, "RELEASED", "SOLD"])
def test_what_is_not_reserved_is_left_alone(stub: Stubber, store: DynamoReservations, found: str | None) -> None:
    fields = {"Item": to_wire(ITEM | {"state": found})} if found else {}
    stub.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields=fields)
    assert store.sell("o") == (replace(RESERVED, state=State(found)) if found else None)


def test_due_reservation_has_its_event(stub: Stubber, store: DynamoReservations) -> None:
    stub.add_response("query", {"Items": [to_wire(OPEN_ITEM | {"attempts": 2})]})
    assert store.due(DUE_AT, 1) == [replace(OPEN, attempts=2)]


def test_due_reservation_without_a_readable_event_blocks_no_other(stub: Stubber, store: DynamoReservations) -> None:
    stub.add_response("query", {"Items": [to_wire(OPEN_ITEM | {"event": "{"}), to_wire(OPEN_ITEM)]})
    stub.add_response("update_item", {})
    assert store.due(DUE_AT, 2) == [OPEN]


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
    stub.add_response("get_item", {"Item": to_wire(OPEN_ITEM)})
    stub.add_response("get_item", {})
    assert store.get("o") == RESERVED
    assert store.get("o") == OPEN
    assert store.get("o") is None
