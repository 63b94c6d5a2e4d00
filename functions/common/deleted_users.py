"""Who has deleted the account: kept as long as a token of theirs may be about, which nobody can take back.

Written by users in the transaction that deletes the profile; read by whoever checks a token.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Protocol

from common import aws
from common.dynamodb import to_wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DeletedUsers(Protocol):
    """What checking a token needs to know."""

    def has(self, user_id: str) -> bool:
        """Whether this user's account is deleted."""


class DynamoDeletedUsers:
    """`DeletedUsers` in the table `deleted-users`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def has(self, user_id: str) -> bool:
        """See `DeletedUsers`. Consistent: a token is refused from the moment that the 204 is out."""
        key = to_wire({"userId": user_id})
        answer = self._client.get_item(
            TableName=self._table, Key=key, ConsistentRead=True, ProjectionExpression="userId"
        )
        return "Item" in answer


@cache
def deleted_users() -> DeletedUsers:
    """The store, made once in an environment."""
    return DynamoDeletedUsers(aws.dynamodb(), os.environ["DELETED_USERS_TABLE"])
