"""Users in DynamoDB.

A second item, `userId = "email#<address>"`, keeps addresses unique: DynamoDB has no other unique key than the
primary one. Both are written in one transaction.
https://aws.amazon.com/blogs/database/simulating-amazon-dynamodb-unique-constraints-using-transactions/
"""

from typing import TYPE_CHECKING, Any, Protocol

from common.dynamodb import TransactionCancelledError, from_wire, to_wire, transact
from common.retry import retry_busy
from users.domain import EmailTakenError, User

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Users(Protocol):
    """What the API needs of the users."""

    def add(self, user: User) -> None:
        """Store a new user. Raises EmailTakenError."""

    def by_email(self, email: str) -> User | None:
        """The user with this lower-case address."""


class DynamoUsers:
    """`Users` in the table `users`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

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
        address = {"userId": _address_key(user.email), "ownerId": user.user_id}
        try:
            transact(self._client, [{"Put": self._new(profile)}, {"Put": self._new(address)}])
        except TransactionCancelledError as error:
            raise EmailTakenError("There is an account with this e-mail address.") from error

    def by_email(self, email: str) -> User | None:
        """See `Users`. Consistent, so that one can sign in as soon as the 201 is out."""
        address = self._get(_address_key(email))
        profile = self._get(address["ownerId"]) if address else None
        if profile is None:
            return None
        return User(
            user_id=profile["userId"],
            email=profile["email"],
            name=profile["name"],
            role=profile["role"],
            password_hash=profile["passwordHash"],
        )

    def _new(self, item: dict[str, str]) -> Any:
        return {
            "TableName": self._table,
            "Item": to_wire(item),
            "ConditionExpression": "attribute_not_exists(userId)",
        }

    def _get(self, user_id: str) -> dict[str, Any] | None:
        key = to_wire({"userId": user_id})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return from_wire(item) if item else None


def _address_key(email: str) -> str:
    return f"email#{email}"
