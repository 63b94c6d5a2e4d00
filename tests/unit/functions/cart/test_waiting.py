"""What the sweep of carts that are left asks of DynamoDB, and how it reads the refusals."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cart.domain import Cart, Waiting
from cart.waiting import DynamoCustomers, DynamoWaitingCarts
from common.dynamodb import to_wire
from tests.unit.functions.factories import ACCEPTED_AT

DUE = Waiting("alice", ACCEPTED_AT)
UNTIL = "2026-11-21T10:25:30.123Z"
KEY = {"customerId": {"S": "alice"}}
CLAIM = {
    "TableName": "carts",
    "Key": KEY,
    "UpdateExpression": "SET remindAt = :until",
    "ConditionExpression": "remindAt = :due",
    "ExpressionAttributeValues": {":until": {"S": UNTIL}, ":due": {"S": ACCEPTED_AT}},
    "ReturnValues": "ALL_NEW",
}
DONE = {
    "TableName": "carts",
    "Key": KEY,
    "UpdateExpression": "REMOVE reminder, remindAt",
    "ConditionExpression": "remindAt = :until",
    "ExpressionAttributeValues": {":until": {"S": UNTIL}},
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
def waiting(client: Any) -> DynamoWaitingCarts:
    """The store under test."""
    return DynamoWaitingCarts(client, "carts")


def test_idle_sweep_is_one_request(stub: Stubber, waiting: DynamoWaitingCarts) -> None:
    request = {
        "TableName": "carts",
        "IndexName": "reminder-index",
        "KeyConditionExpression": "reminder = :waiting AND remindAt <= :now",
        "ExpressionAttributeValues": {":waiting": {"S": "waiting"}, ":now": {"S": UNTIL}},
        "Limit": 7,
    }
    stub.add_response("query", {"Items": []}, request)
    assert waiting.overdue(UNTIL, 7) == []
    found = {"customerId": "alice", "reminder": "waiting", "remindAt": ACCEPTED_AT}
    stub.add_response("query", {"Items": [to_wire(found)]}, request)
    assert waiting.overdue(UNTIL, 7) == [DUE]


def test_claim_is_of_the_mark_that_was_found_and_returns_the_cart(stub: Stubber, waiting: DynamoWaitingCarts) -> None:
    cart = to_wire({"customerId": "alice", "lines": {"p1": 2}, "version": 4, "remindAt": UNTIL})
    stub.add_response("update_item", {"Attributes": cart}, CLAIM)
    assert waiting.claim(DUE, UNTIL) == Cart("alice", {"p1": 2}, 4)


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "TransactionConflictException"])
def test_cart_that_changed_or_is_being_checked_out_is_not_claimed(
    stub: Stubber, waiting: DynamoWaitingCarts, code: str
) -> None:
    stub.add_client_error("update_item", code)
    assert waiting.claim(DUE, UNTIL) is None


def test_mark_is_taken_off_unless_the_cart_has_a_new_one(stub: Stubber, waiting: DynamoWaitingCarts) -> None:
    stub.add_response("update_item", {}, DONE)
    waiting.done("alice", UNTIL)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    waiting.done("alice", UNTIL)


def test_other_refusals_pass(stub: Stubber, waiting: DynamoWaitingCarts) -> None:
    for _ in range(2):
        stub.add_client_error("update_item", "AccessDeniedException")
    with pytest.raises(ClientError):
        waiting.claim(DUE, UNTIL)
    with pytest.raises(ClientError):
        waiting.done("alice", UNTIL)


def test_addresses_are_those_of_users_who_are_there(client: Any, stub: Stubber) -> None:
    user = to_wire({"userId": "alice", "email": "alice@example.com"})
    stub.add_response("batch_get_item", {"Responses": {"users": [user]}, "UnprocessedKeys": {}})
    customers = DynamoCustomers(client, "users")
    assert customers.emails(["alice", "bob"]) == {"alice": "alice@example.com"}
    assert customers.emails([]) == {}
