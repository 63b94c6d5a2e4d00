"""Users in DynamoDB.

A second item, `userId = "email#<address>"`, keeps addresses unique: DynamoDB has no other unique key than the
primary one. Both are written, changed and deleted in one transaction.
https://aws.amazon.com/blogs/database/simulating-amazon-dynamodb-unique-constraints-using-transactions/
"""

import time
from typing import TYPE_CHECKING, Any, Protocol

from common.auth import LIFETIME_S
from common.dynamodb import CONDITION_FAILED, BusyError, TransactionCancelledError, from_wire, to_wire, transact
from common.retry import retry_busy
from users.domain import EmailTakenError, NoSuchUserError, User

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Past the life of the last token by more than clocks differ.
_REMEMBERED_S = LIFETIME_S + 24 * 3600


class Users(Protocol):
    """What the API needs of the users."""

    def add(self, user: User) -> None:
        """Store a new user. Raises EmailTakenError."""

    def get(self, user_id: str) -> User:
        """The user with this id. Raises NoSuchUserError."""

    def by_email(self, email: str) -> User | None:
        """The user with this lower-case address."""

    def change(self, user_id: str, email: str | None, name: str | None) -> User:
        """Set what is given; the user as it is then. Raises NoSuchUserError and EmailTakenError."""

    def delete(self, user_id: str) -> None:
        """Forget the user, but not that there was one: tokens of theirs count no more. Raises NoSuchUserError."""


class DynamoUsers:
    """`Users` in the tables `users` and `deleted-users`."""

    def __init__(self, client: "DynamoDBClient", table: str, deleted_table: str) -> None:
        self._client = client
        self._table = table
        self._deleted_table = deleted_table

    @retry_busy
    def add(self, user: User) -> None:
        """See `Users`."""
        profile = {
            "userId": user.user_id,
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "passwordHash": user.password_hash,
        }
        try:
            transact(self._client, [{"Put": self._new(profile)}, {"Put": self._new_address(user.email, user.user_id)}])
        except TransactionCancelledError as error:
            raise EmailTakenError from error

    def get(self, user_id: str) -> User:
        """See `Users`. Consistent, so that a change shows as soon as its answer is out."""
        item = self._item(user_id)
        if item is None:
            raise NoSuchUserError
        return User(
            user_id=item["userId"],
            email=item["email"],
            name=item["name"],
            role=item["role"],
            password_hash=item["passwordHash"],
        )

    def by_email(self, email: str) -> User | None:
        """See `Users`. Consistent, so that one can sign in as soon as the 201 is out."""
        address = self._item(_address_key(email))
        try:
            user = self.get(address["ownerId"]) if address else None
        except NoSuchUserError:  # deleted between the two reads
            return None
        return user if user and user.email == email else None  # or moved to another address

    @retry_busy
    def change(self, user_id: str, email: str | None, name: str | None) -> User:
        """See `Users`. An address that is one's own already is no change."""
        old = self.get(user_id)
        email = email or old.email
        actions: list[Any] = [{"Update": self._update(old, email, name)}]
        if email != old.email:
            actions += [{"Put": self._new_address(email, user_id)}, {"Delete": self._old_address(old)}]
        try:
            transact(self._client, actions)
        except TransactionCancelledError as error:
            if CONDITION_FAILED in error.codes[1:2]:
                raise EmailTakenError from error
            raise _overtaken(user_id) from error
        return self.get(user_id)

    @retry_busy
    def delete(self, user_id: str) -> None:
        """See `Users`."""
        user = self.get(user_id)
        gone = {"userId": user_id, "expiresAt": int(time.time()) + _REMEMBERED_S}
        profile = {
            "TableName": self._table,
            "Key": to_wire({"userId": user_id}),
            "ConditionExpression": "email = :email",
            "ExpressionAttributeValues": to_wire({":email": user.email}),
        }
        actions: list[Any] = [
            {"Delete": profile},
            {"Delete": self._old_address(user)},
            {"Put": {"TableName": self._deleted_table, "Item": to_wire(gone)}},
        ]
        try:
            transact(self._client, actions)
        except TransactionCancelledError as error:
            raise _overtaken(user_id) from error

    def _new(self, item: dict[str, str]) -> Any:
        return {
            "TableName": self._table,
            "Item": to_wire(item),
            "ConditionExpression": "attribute_not_exists(userId)",
        }

    def _new_address(self, email: str, user_id: str) -> Any:
        return self._new({"userId": _address_key(email), "ownerId": user_id})

    def _old_address(self, user: User) -> Any:
        return {
            "TableName": self._table,
            "Key": to_wire({"userId": _address_key(user.email)}),
            "ConditionExpression": "ownerId = :owner",
            "ExpressionAttributeValues": to_wire({":owner": user.user_id}),
        }

    def _update(self, old: User, email: str, name: str | None) -> Any:
        """Only while the address is still the one that was read: the items of two addresses must not both stay."""
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": to_wire({"userId": old.user_id}),
            "UpdateExpression": "SET email = :new",
            "ConditionExpression": "email = :old",
            "ExpressionAttributeValues": to_wire({":new": email, ":old": old.email}),
        }
        if name is not None:
            update["UpdateExpression"] += ", #name = :name"
            update["ExpressionAttributeNames"] = {"#name": "name"}
            update["ExpressionAttributeValues"] |= to_wire({":name": name})
        return update

    def _item(self, user_id: str) -> dict[str, Any] | None:
        key = to_wire({"userId": user_id})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return from_wire(item) if item else None


def _overtaken(user_id: str) -> BusyError:
    """Somebody else changed or deleted the user since it was read: the next attempt sees how it is now."""
    return BusyError(f"user {user_id} changed meanwhile")


def _address_key(email: str) -> str:
    return f"email#{email}"
