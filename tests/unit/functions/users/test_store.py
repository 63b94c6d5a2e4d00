"""What the store asks of DynamoDB."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from common.auth import LIFETIME_S
from common.dynamodb import BusyError
from users.domain import EmailTakenError, NoSuchUserError, User
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
            DynamoUsers(client, "users", "deleted-users").add(ALICE)


def test_two_registrations_at_once_are_tried_again(client: Any) -> None:
    with Stubber(client) as stub:
        cancelled(stub, "None", "TransactionConflict")
        stub.add_response("transact_write_items", {})
        DynamoUsers(client, "users", "deleted-users").add(ALICE)
        stub.assert_no_pending_responses()


PROFILE = {
    "userId": {"S": "u1"},
    "email": {"S": "alice@example.com"},
    "name": {"S": "Alice"},
    "role": {"S": "customer"},
    "passwordHash": {"S": "hash"},
}
ADDRESS = {"userId": {"S": "email#alice@example.com"}, "ownerId": {"S": "u1"}}


def item(stub: Stubber, user_id: str, found: dict[str, Any] | None) -> None:
    """The next read is of this user and finds this."""
    asked = {"TableName": "users", "Key": {"userId": {"S": user_id}}, "ConsistentRead": True}
    stub.add_response("get_item", {"Item": found} if found else {}, asked)


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """What DynamoDB answers; all of it must be asked for."""
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> DynamoUsers:
    return DynamoUsers(client, "users", "deleted-users")


def test_user_is_found_by_the_item_of_the_address(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "email#alice@example.com", ADDRESS)
    item(stub, "u1", PROFILE)
    item(stub, "email#bob@example.com", None)
    assert store.by_email("alice@example.com") == ALICE
    assert store.by_email("bob@example.com") is None


@pytest.mark.parametrize("profile", [None, {**PROFILE, "email": {"S": "eve@example.com"}}], ids=["deleted", "moved"])
def test_user_who_left_the_address_while_it_was_read_is_nobody(profile: Any, stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "email#alice@example.com", ADDRESS)
    item(stub, "u1", profile)
    assert store.by_email("alice@example.com") is None


def test_unknown_user_can_be_neither_read_nor_changed_nor_deleted(stub: Stubber, store: DynamoUsers) -> None:
    for _ in range(3):
        item(stub, "u1", None)
    with pytest.raises(NoSuchUserError):
        store.get("u1")
    with pytest.raises(NoSuchUserError):
        store.change("u1", None, "Eve")
    with pytest.raises(NoSuchUserError):
        store.delete("u1")


def transaction(stub: Stubber, *actions: dict[str, Any]) -> None:
    """The next transaction is this one, and succeeds."""
    stub.add_response("transact_write_items", {}, {"TransactItems": list(actions)})


def test_name_alone_leaves_the_address(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "u1", PROFILE)
    update = {
        "TableName": "users",
        "Key": {"userId": {"S": "u1"}},
        "UpdateExpression": "SET email = :new, #name = :name",
        "ConditionExpression": "email = :old",
        "ExpressionAttributeNames": {"#name": "name"},
        "ExpressionAttributeValues": {
            ":new": {"S": "alice@example.com"},
            ":old": {"S": "alice@example.com"},
            ":name": {"S": "Eve"},
        },
    }
    transaction(stub, {"Update": update})
    item(stub, "u1", {**PROFILE, "name": {"S": "Eve"}})
    assert store.change("u1", "alice@example.com", "Eve").name == "Eve"


def test_new_address_moves_the_item_in_the_same_transaction(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "u1", PROFILE)
    update = {
        "TableName": "users",
        "Key": {"userId": {"S": "u1"}},
        "UpdateExpression": "SET email = :new",
        "ConditionExpression": "email = :old",
        "ExpressionAttributeValues": {":new": {"S": "eve@example.com"}, ":old": {"S": "alice@example.com"}},
    }
    put = {
        "TableName": "users",
        "Item": {"userId": {"S": "email#eve@example.com"}, "ownerId": {"S": "u1"}},
        "ConditionExpression": "attribute_not_exists(userId)",
    }
    transaction(stub, {"Update": update}, {"Put": put}, {"Delete": OLD_ADDRESS})
    item(stub, "u1", {**PROFILE, "email": {"S": "eve@example.com"}})
    assert store.change("u1", "eve@example.com", None).email == "eve@example.com"


OLD_ADDRESS = {
    "TableName": "users",
    "Key": {"userId": {"S": "email#alice@example.com"}},
    "ConditionExpression": "ownerId = :owner",
    "ExpressionAttributeValues": {":owner": {"S": "u1"}},
}


def test_change_to_a_taken_address_raises(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "u1", PROFILE)
    cancelled(stub, "None", "ConditionalCheckFailed", "None")
    with pytest.raises(EmailTakenError):
        store.change("u1", "bob@example.com", None)


def test_change_that_was_overtaken_is_made_to_what_there_is_now(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "u1", PROFILE)
    cancelled(stub, "ConditionalCheckFailed", "None", "None")
    item(stub, "u1", {**PROFILE, "email": {"S": "eve@example.com"}})
    stub.add_response("transact_write_items", {})
    item(stub, "u1", {**PROFILE, "email": {"S": "eve@example.com"}})
    assert store.change("u1", "eve@example.com", None).email == "eve@example.com"


def test_deletion_takes_profile_and_address_and_leaves_a_mark(stub: Stubber, store: DynamoUsers) -> None:
    item(stub, "u1", PROFILE)
    profile = {
        "TableName": "users",
        "Key": {"userId": {"S": "u1"}},
        "ConditionExpression": "email = :email",
        "ExpressionAttributeValues": {":email": {"S": "alice@example.com"}},
    }
    mark = {"TableName": "deleted-users", "Item": {"userId": {"S": "u1"}, "expiresAt": {"N": LaterThan(LIFETIME_S)}}}
    transaction(stub, {"Delete": profile}, {"Delete": OLD_ADDRESS}, {"Put": mark})
    store.delete("u1")


class LaterThan:
    """Equal to every time in whole seconds that is more than `seconds` ahead."""

    def __init__(self, seconds: int) -> None:
        self._earliest = time.time() + seconds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and int(other) > self._earliest

    def __hash__(self) -> int:
        return hash(self._earliest)


def test_deletion_that_is_overtaken_again_and_again_gives_up(stub: Stubber, store: DynamoUsers) -> None:
    for _ in range(6):
        item(stub, "u1", PROFILE)
        cancelled(stub, "ConditionalCheckFailed", "None", "None")
    with pytest.raises(BusyError):
        store.delete("u1")
