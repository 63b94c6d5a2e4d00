"""Plain boto3 needs one variable, or one line of its configuration, and no change of the program."""

import pytest

from tests.aws_tools.conftest import Tools

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# As it would run against an account.
PROGRAM = """
import sys, urllib.request
import boto3

name = sys.argv[1]
queue = boto3.resource("sqs").create_queue(QueueName=name)
queue.send_message(MessageBody="to myself")
assert [message.body for message in queue.receive_messages(WaitTimeSeconds=5)] == ["to myself"]

s3 = boto3.client("s3")
s3.create_bucket(Bucket=name)
url = s3.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "a/b c"})
urllib.request.urlopen(urllib.request.Request(url, data=b"content", method="PUT"))
assert s3.get_object(Bucket=name, Key="a/b c")["Body"].read() == b"content"
url = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "a/b c"})
assert urllib.request.urlopen(url).read() == b"content"

table = boto3.resource("dynamodb").create_table(
    TableName=name,
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()
table.put_item(Item={"id": "1", "tags": {"a", "b"}})
assert table.get_item(Key={"id": "1"})["Item"]["tags"] == {"a", "b"}
print(boto3.client("sts").get_caller_identity()["Account"])
"""


def test_variable_points_boto3_at_the_engine(tools: Tools, name: str) -> None:
    said = tools.run("python", "-c", PROGRAM, name, AWS_ENDPOINT_URL=tools.endpoint)

    assert said.strip() == "000000000000"


def test_profile_points_boto3_at_the_engine(tools: Tools, name: str) -> None:
    config = tools.folder / "config"
    config.write_text(f"[profile sandbox]\nendpoint_url = {tools.endpoint}\n")
    said = tools.run("python", "-c", PROGRAM, name, AWS_CONFIG_FILE=str(config), AWS_PROFILE="sandbox")

    assert said.strip() == "000000000000"
