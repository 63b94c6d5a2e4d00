"""DynamoDB Local killed: it comes back empty, and that is said."""

import time

import requests
from botocore.exceptions import ClientError

from sandbox import processes
from tests.waiting import until

TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def java_of(engine):
    (found,) = [each for each in processes.of_instance(engine.instance) if "LoopbackServer" in each.cmdline()]
    return found


def notices(engine):
    return requests.get(f"{engine.endpoint}/_loadstack/health", timeout=5).json()["notices"]


def test_killed_it_is_started_again_and_its_loss_is_told(other_engine, other_aws):
    dynamodb = other_aws("dynamodb")
    dynamodb.create_table(TableName="lost", **TABLE)
    before = java_of(other_engine)
    told = len(notices(other_engine))
    before.kill()

    failed_after = []
    while "lost" in _tables(dynamodb, failed_after):
        pass
    until(lambda: len(notices(other_engine)) > told)

    assert max(failed_after, default=0) < 10, "requests hung"
    assert "signal 9" in notices(other_engine)[-1]["message"]
    assert "gone" in notices(other_engine)[-1]["message"]
    dynamodb.create_table(TableName="lost", **TABLE)
    dynamodb.put_item(TableName="lost", Item={"id": {"S": "1"}})
    assert dynamodb.scan(TableName="lost")["Count"] == 1
    dynamodb.delete_table(TableName="lost")


def _tables(dynamodb, failed_after):
    """The tables' names; while there is no answer, as if they were still there."""
    started = time.monotonic()
    try:
        return dynamodb.list_tables()["TableNames"]
    except ClientError:
        failed_after.append(time.monotonic() - started)
        return ["lost"]
