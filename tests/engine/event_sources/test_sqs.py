"""SQS mappings: events, answers, batches, and their life."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.engine.conftest import ROLE
from tests.engine.event_sources.recorder import SOURCE
from tests.engine.functions import archive
from tests.waiting import until

DEFAULTS = {"Runtime": "python3.13", "Role": ROLE, "Handler": "app.handler", "Timeout": 10}
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_record_has_awss_shape_and_the_body_as_it_was_sent(aws, make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record())
    body = '{ "a":1.50,   "ü": "\\u00e9 é" }'
    attributes = {
        "colour": {"DataType": "String", "StringValue": "blue"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = aws("sqs").send_message(QueueUrl=queue.url, MessageBody=body, MessageAttributes=attributes)

    (seen,) = until(recorder.invocations)

    (found,) = seen.records
    assert found["body"] == body
    assert found["messageId"] == sent["MessageId"]
    assert found["md5OfBody"] == sent["MD5OfMessageBody"]
    assert found["md5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert (found["eventSource"], found["eventSourceARN"], found["awsRegion"]) == ("aws:sqs", queue.arn, "us-east-1")
    assert found["messageAttributes"]["colour"] == {"dataType": "String", "stringValue": "blue"}
    assert found["messageAttributes"]["raw"] == {"dataType": "Binary", "binaryValue": "AP8="}
    assert found["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(found["attributes"]["ApproximateFirstReceiveTimestamp"]) >= int(found["attributes"]["SentTimestamp"])
    assert found["attributes"]["SenderId"]
    until(lambda: queue.is_empty)


def test_failed_item_comes_again_and_the_others_do_not(make_queue, record, connect, recorder):
    queue = make_queue(VisibilityTimeout=8)
    connect(queue.arn, record(partial=True), BatchSize=10, **PARTIAL)

    queue.send({"n": 0}, {"n": 1, "fail": 2}, {"n": 2})

    until(lambda: recorder.numbers().count(1) == 3 and queue.is_empty)
    assert sorted(recorder.numbers()) == [0, 1, 1, 1, 2]
    assert recorder.invocations()[-1].records[0]["attributes"]["ApproximateReceiveCount"] == "3"


def test_malformed_answer_fails_the_whole_batch(make_queue, record, connect, recorder):
    queue = make_queue(VisibilityTimeout=3)
    answer = json.dumps({"batchItemFailures": [{"itemIdentifier": ""}]})
    connect(queue.arn, record(ANSWER=answer), BatchSize=10, MaximumBatchingWindowInSeconds=1, **PARTIAL)

    queue.send({"n": 0}, {"n": 1})

    until(lambda: len(recorder.numbers()) >= 4)
    assert set(recorder.numbers()[2:4]) == {0, 1}


def test_message_that_fails_too_often_goes_to_the_dead_letter_queue(make_queue, record, connect, recorder):
    dead = make_queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    queue = make_queue(VisibilityTimeout=1, RedrivePolicy=redrive)
    connect(queue.arn, record())

    queue.send({"n": 0, "fail": True})

    until(lambda: dead.visible == 1)
    assert recorder.numbers() == [0, 0]
    assert queue.is_empty


def test_window_collects_more_than_ten_and_ends_when_the_batch_is_full(make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record(), BatchSize=25, MaximumBatchingWindowInSeconds=300)

    queue.send(*({"n": n} for n in range(50)))

    seen = until(lambda: len(found := recorder.invocations()) == 2 and found)
    assert [len(each.records) for each in seen] == [25, 25]
    assert sorted(recorder.numbers()) == list(range(50))
    until(lambda: queue.is_empty)


def test_window_that_ends_delivers_what_there_is(make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record(), BatchSize=100, MaximumBatchingWindowInSeconds=8)

    queue.send({"n": 0})
    until(lambda: queue.in_flight == 1)
    queue.send({"n": 1}, {"n": 2})

    (seen,) = until(recorder.invocations)
    assert sorted(seen.numbers) == [0, 1, 2]


def test_batch_is_closed_before_it_exceeds_six_megabytes(make_queue, record, connect, recorder):
    queue = make_queue()
    for n in range(9):
        queue.send({"n": n, "padding": "x" * 900_000})

    connect(queue.arn, record(), BatchSize=100, MaximumBatchingWindowInSeconds=5)

    until(lambda: len(recorder.numbers()) == 9 and queue.is_empty)
    assert sorted(recorder.numbers()) == list(range(9))
    sizes = [len(json.dumps({"Records": seen.records})) for seen in recorder.invocations()]
    assert max(sizes) <= 6 * 1024 * 1024 + 10_000  # json.dumps here puts spaces in
    assert max(sizes) > 5_000_000


def test_message_that_no_filter_lets_through_is_deleted(make_queue, record, connect, recorder):
    queue = make_queue()
    patterns = {"Filters": [{"Pattern": json.dumps({"body": {"n": [{"numeric": [">", 1]}]}})}]}
    connect(queue.arn, record(), FilterCriteria=patterns)

    queue.send({"n": 1}, "text", '{"n":  2.0}')

    until(lambda: recorder.numbers() and queue.is_empty)
    assert [seen.records[0]["body"] for seen in recorder.invocations()] == ['{"n":  2.0}']


def test_disabled_mapping_lets_batches_in_work_finish_and_takes_no_more(make_queue, record, connect, recorder):
    queue = make_queue()
    mapping = connect(queue.arn, record())
    queue.send({"n": 0, "gate": recorder.gate})
    until(recorder.running)

    mapping.update(Enabled=False)
    queue.send({"n": 1})

    assert mapping.state == "Disabling"
    recorder.open_gate()
    until(lambda: mapping.state == "Disabled")
    assert (queue.visible, queue.in_flight) == (1, 0)
    assert recorder.numbers() == [0]
    mapping.update(Enabled=True)
    until(lambda: recorder.numbers() == [0, 1])


def test_what_was_received_and_not_handed_over_goes_back_when_the_mapping_is_disabled(
    make_queue, record, connect, recorder
):
    queue = make_queue()
    mapping = connect(queue.arn, record(), BatchSize=100, MaximumBatchingWindowInSeconds=300)
    queue.send({"n": 0}, {"n": 1})
    until(lambda: queue.in_flight == 2)

    mapping.update(Enabled=False)

    until(lambda: queue.visible == 2)
    (message,) = queue.client.receive_message(QueueUrl=queue.url, MessageSystemAttributeNames=["All"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert recorder.invocations() == []


def test_update_delivers_nothing_more_to_the_function_before(aws, make_queue, record, connect, recorder):
    queue = make_queue()
    before, after = record(), record()
    mapping = connect(queue.arn, before, BatchSize=100, MaximumBatchingWindowInSeconds=300)
    queue.send({"n": 0})
    until(lambda: queue.in_flight == 1)

    mapping.update(FunctionName=after.name, BatchSize=1, MaximumBatchingWindowInSeconds=0)

    (seen,) = until(recorder.invocations)
    assert seen.function == after.name
    assert seen.records[0]["attributes"]["ApproximateReceiveCount"] == "1"
    listed = aws("lambda").list_event_source_mappings(EventSourceArn=queue.arn)["EventSourceMappings"]
    assert [each["State"] for each in listed] == ["Enabled"]


def test_deleted_mapping_is_gone_once_its_batch_has_finished(aws, make_queue, record, connect, recorder):
    queue = make_queue()
    client = aws("lambda")
    function = record()
    arguments = {"FunctionName": function.name, "EventSourceArn": queue.arn}
    created = client.create_event_source_mapping(BatchSize=1, **arguments)
    queue.send({"n": 0, "gate": recorder.gate})
    until(recorder.running)

    assert client.delete_event_source_mapping(UUID=created["UUID"])["State"] == "Deleting"

    with pytest.raises(client.exceptions.ResourceConflictException):
        client.create_event_source_mapping(**arguments)
    recorder.open_gate()
    until(lambda: not client.list_event_source_mappings(EventSourceArn=queue.arn)["EventSourceMappings"])
    until(lambda: queue.is_empty)
    queue.send({"n": 1})
    assert queue.visible == 1


def test_queue_that_is_deleted_and_created_again_is_followed(aws, engine, make_queue, record, connect, recorder):
    queue = make_queue()
    connect(queue.arn, record())
    name = queue.arn.rsplit(":")[-1]
    aws("sqs").delete_queue(QueueUrl=queue.url)
    until(lambda: f"{name} of an event source mapping does not exist" in engine.log.read_text())

    aws("sqs").create_queue(QueueName=name)
    queue.send({"n": 0})

    until(lambda: recorder.numbers() == [0])
    assert engine.log.read_text().count(f"{name} of an event source mapping does not exist") == 1


def test_messages_wait_while_the_function_does_not_exist(aws, engine, make_queue, record, connect, recorder):
    dead = make_queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = make_queue(VisibilityTimeout=1, RedrivePolicy=redrive)
    client = aws("lambda")
    function = record()
    connect(queue.arn, function)
    client.delete_function(FunctionName=function.name)

    queue.send({"n": 0})

    complaint = f"{function.name} cannot be invoked"
    until(lambda: complaint in engine.log.read_text())
    client.create_function(
        FunctionName=function.name,
        Code={"ZipFile": archive({"app.py": SOURCE})},
        Environment={"Variables": recorder.environment},
        **DEFAULTS,
    )
    (seen,) = until(recorder.invocations)
    assert seen.records[0]["attributes"]["ApproximateReceiveCount"] == "1"
    assert engine.log.read_text().count(complaint) <= 2  # it does not exist, then it is not active yet


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ScalingConfig": {"MaximumConcurrency": 1001}}, "less than or equal to 1000"),
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
    ],
)
def test_configuration_out_of_limits_is_refused(aws, make_queue, record, arguments, message):
    queue = make_queue()
    with pytest.raises(ClientError, match=message):
        aws("lambda").create_event_source_mapping(FunctionName=record().name, EventSourceArn=queue.arn, **arguments)
