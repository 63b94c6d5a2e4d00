"""What the check asks of DynamoDB."""

import boto3
from botocore.stub import Stubber

from common.deleted_users import DynamoDeletedUsers


def test_deleted_user_has_an_item() -> None:
    client = boto3.client("dynamodb")

    def asked(user_id: str) -> dict[str, object]:
        return {
            "TableName": "deleted-users",
            "Key": {"userId": {"S": user_id}},
            "ConsistentRead": True,
            "ProjectionExpression": "userId",
        }

    with Stubber(client) as stub:
        stub.add_response("get_item", {"Item": {"userId": {"S": "alice"}}}, asked("alice"))
        stub.add_response("get_item", {}, asked("bob"))
        users = DynamoDeletedUsers(client, "deleted-users")
        assert users.has("alice")
        assert not users.has("bob")
