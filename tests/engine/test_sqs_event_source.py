"""SQS mappings: concurrency, partial failures, stopping."""

import json
import uuid

import pytest

from tests.waiting import until


@pytest.fixture
def queue(aws):
    client = aws("sqs")
    url = client.create_queue(QueueName=f"test-{uuid.uuid4().hex[:8]}", Attributes={"VisibilityTimeout": "2"})[
        "QueueUrl"
    ]
    yield url
    client.delete_queue(QueueUrl=url)


@pytest.fixture
def seen(aws):
    """Where the functions under test leave what they got."""
    client = aws("dynamodb")
    name = f"seen-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    client.delete_table(TableName=name)


RECORDER = """
import json, os, time, uuid
import boto3
table = boto3.client("dynamodb")
def handler(event, context):
    started = time.time()
    failures = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        if body.get("sleep"):
            time.sleep(body["sleep"])
        if body.get("fail"):
            failures.append({"itemIdentifier": record["messageId"]})
        table.put_item(TableName=os.environ["SEEN"], Item={
            "id": {"S": str(uuid.uuid4())}, "record": {"S": json.dumps(record)},
            "started": {"S": str(started)}, "ended": {"S": str(time.time())},
        })
    return {"batchItemFailures": failures}
"""


@pytest.fixture
def mapping(aws, deploy, queue, seen):
    """A recorder behind the queue; returns the mapping's id."""
    client = aws("lambda")
    created = []

    def create(**arguments):
        function = deploy(RECORDER, Environment={"Variables": {"SEEN": seen}})
        function.invoke({"Records": []})  # warm
        arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        answer = client.create_event_source_mapping(
            FunctionName=function.name,
            EventSourceArn=arn,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **({"BatchSize": 1} | arguments),
        )
        created.append(answer["UUID"])
        until(lambda: client.get_event_source_mapping(UUID=answer["UUID"])["State"] == "Enabled")
        return answer["UUID"]

    yield create
    for each in created:
        client.delete_event_source_mapping(UUID=each)


def _records(aws, table):
    items = aws("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return [
        {
            "record": json.loads(item["record"]["S"]),
            "started": float(item["started"]["S"]),
            "ended": float(item["ended"]["S"]),
        }
        for item in items
    ]


def test_record_has_awss_shape_and_the_body_as_it_was_sent(aws, queue, seen, mapping):
    mapping()
    body = '{ "a":1.50,   "ü": "\\u00e9" }'
    aws("sqs").send_message(
        QueueUrl=queue, MessageBody=body, MessageAttributes={"colour": {"DataType": "String", "StringValue": "blue"}}
    )

    (found,) = until(lambda: _records(aws, seen))

    record = found["record"]
    assert record["body"] == body
    assert record["eventSource"] == "aws:sqs"
    assert record["awsRegion"] == "us-east-1"
    assert record["messageAttributes"]["colour"]["stringValue"] == "blue"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_batches_run_at_once_up_to_the_maximum(aws, queue, seen, mapping):
    mapping(ScalingConfig={"MaximumConcurrency": 2})
    for _ in range(6):
        aws("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"sleep": 0.3}))

    records = until(lambda: len(r := _records(aws, seen)) == 6 and r)

    assert _most_at_once(records) == 2


def test_failed_item_comes_again_and_the_others_do_not(aws, queue, seen, mapping):
    mapping(BatchSize=10)
    entries = [{"Id": str(i), "MessageBody": json.dumps({"i": i, "fail": i == 1})} for i in range(3)]
    aws("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    records = until(lambda: len(r := _records(aws, seen)) >= 5 and r)

    seen_numbers = [json.loads(each["record"]["body"])["i"] for each in records]
    assert seen_numbers.count(0) == 1
    assert seen_numbers.count(2) == 1
    assert seen_numbers.count(1) >= 3


def test_disabled_mapping_delivers_nothing(aws, queue, seen, mapping):
    uuid_ = mapping()
    client = aws("lambda")
    client.update_event_source_mapping(UUID=uuid_, Enabled=False)
    until(lambda: client.get_event_source_mapping(UUID=uuid_)["State"] == "Disabled")

    aws("sqs").send_message(QueueUrl=queue, MessageBody="{}")

    received = aws("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
    assert len(received) == 1
    assert _records(aws, seen) == []


def _most_at_once(records) -> int:
    edges = sorted([(r["started"], 1) for r in records] + [(r["ended"], -1) for r in records])
    most = running = 0
    for _, change in edges:
        running += change
        most = max(most, running)
    return most
