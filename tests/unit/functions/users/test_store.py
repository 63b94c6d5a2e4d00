"""What the store asks of DynamoDB."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from users.domain import EmailTakenError, User
from users.store import DynamoUsers

ALICE = User("u1", "alice@example.com", "Alice", "customer", "hash")


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("dynamodb")


def cancelled(stub: Stubber, *codes: str) -> None:
    """The next transaction is cancelled for these reasons."""
    reasons = {"CancellationReasons": [{"Code": code} for code in codes]}
    stub.add_client_error("transact_write_items", "TransactionCanceledException", modeled_fields=reasons)


def test_taken_address_raises(client: Any) -> None:
    with Stubber(client) as stub:
        cancelled(stub, "None", "ConditionalCheckFailed")
        with pytest.raises(EmailTakenError):
            DynamoUsers(client, "users").add(ALICE)


def test_two_registrations_at_once_are_tried_again(client: Any) -> None:
    with Stubber(client) as stub:
        cancelled(stub, "None", "TransactionConflict")
        stub.add_response("transact_write_items", {})
        DynamoUsers(client, "users").add(ALICE)
        stub.assert_no_pending_responses()


def test_user_is_found_by_the_item_of_the_address(client: Any) -> None:
    profile = {
        "userId": {"S": "u1"},
        "email": {"S": "alice@example.com"},
        "name": {"S": "Alice"},
        "role": {"S": "customer"},
        "passwordHash": {"S": "hash"},
    }

    def key(value: str) -> dict[str, Any]:
        return {"TableName": "users", "Key": {"userId": {"S": value}}, "ConsistentRead": True}

    with Stubber(client) as stub:
        owner = {"userId": {"S": "email#alice@example.com"}, "ownerId": {"S": "u1"}}
        stub.add_response("get_item", {"Item": owner}, key("email#alice@example.com"))
        stub.add_response("get_item", {"Item": profile}, key("u1"))
        stub.add_response("get_item", {}, key("email#bob@example.com"))
        store = DynamoUsers(client, "users")
        assert store.by_email("alice@example.com") == ALICE
        assert store.by_email("bob@example.com") is None
