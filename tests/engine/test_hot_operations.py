"""Hot operations give the answers of LocalStack's chain, for good and bad input.

``Content-Encoding: identity`` means nothing to LocalStack, and sends a request through the chain.
"""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.engine.front.client import Answer, Client

# What differs between two calls of the same operation.
VOLATILE = {
    *("MessageId", "ReceiptHandle", "EventId", "SequenceNumber", "SentTimestamp", "ApproximateFirstReceiveTimestamp"),
    *("executionArn", "startDate", "creationTime", "CreatedTimestamp", "LastModifiedTimestamp", "nextSequenceToken"),
}
VOLATILE_HEADERS = {"date", "x-amzn-requestid", "x-amz-request-id"}

Both = Callable[..., tuple[Answer, Answer]]


@pytest.fixture
def both(engine) -> Iterator[Both]:
    """Send a request to the hot operation and to the chain."""
    client = Client(engine.port)

    def send(head: str, headers: dict[str, str], body: bytes) -> tuple[Answer, Answer]:
        lines = {"Host": f"127.0.0.1:{engine.port}", "Content-Length": str(len(body)), **headers}
        answers = []
        for added in ({}, {"Content-Encoding": "identity"}):
            text = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **added}.items())
            answers.append(client.ask(f"{head} HTTP/1.1\r\n{text}\r\n".encode() + body, "POST"))
        return answers[0], answers[1]

    yield send
    client.socket.close()


def authorization(service: str, *, key: str = "test", region: str = "us-east-1") -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )


def call_json(both: Both, service: str, target: str, body: Any, **headers: str) -> tuple[Answer, Answer]:
    version = "1.0" if service in ("sqs", "states") else "1.1"
    given = {
        "Content-Type": f"application/x-amz-json-{version}",
        "X-Amz-Target": target,
        "Authorization": authorization(service),
        **headers,
    }
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return both("POST /", {name: value for name, value in given.items() if value}, data)


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "…" if key in VOLATILE else masked(item) for key, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def assert_same(answers: tuple[Answer, Answer], *, as_json: bool = True) -> Answer:
    hot, chain = answers
    assert hot.status == chain.status
    for answer in answers:
        assert answer.header("x-amzn-RequestId") or answer.status >= 400
    shown = [
        sorted((n.lower(), v) for n, v in each.headers if n.lower() not in {*VOLATILE_HEADERS, "content-length"})
        for each in answers
    ]
    assert shown[0] == shown[1]
    if as_json:
        assert masked(json.loads(hot.body)) == masked(json.loads(chain.body))
    return hot


@pytest.fixture
def queue(aws) -> Iterator[str]:
    client = aws("sqs")
    url = client.create_queue(QueueName=f"hot-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    yield url
    client.delete_queue(QueueUrl=url)


ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "ü"},
    "number": {"DataType": "Number", "StringValue": "1"},
    "binary": {"DataType": "Binary", "BinaryValue": base64.b64encode(b"\x00\xff").decode()},
}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("SendMessage", {"MessageBody": "plain"}),
        ("SendMessage", {"MessageBody": "ü\n\t€😀"}),
        ("SendMessage", {"MessageBody": "a", "MessageAttributes": ATTRIBUTES, "DelaySeconds": 1}),
        ("SendMessage", {"MessageBody": "a", "MessageAttributes": None, "Unknown": 1}),
        ("SendMessage", {"MessageBody": "a", "DelaySeconds": "1"}),
        ("SendMessage", {"MessageBody": "a", "DelaySeconds": "x"}),
        ("SendMessage", {"MessageBody": "a", "DelaySeconds": 901}),
        ("SendMessage", {"MessageBody": "a", "MessageAttributes": []}),
        ("SendMessage", {"MessageBody": "a", "MessageAttributes": {"b": {"DataType": "Binary", "BinaryValue": "!"}}}),
        ("SendMessage", {"MessageBody": "a", "MessageAttributes": {"b": {"DataType": "Nonsense"}}}),
        ("SendMessage", {"MessageBody": "a", "MessageGroupId": "g"}),
        ("SendMessage", {"MessageBody": ""}),
        ("SendMessage", {"MessageBody": "\u0000"}),
        ("SendMessage", {"MessageBody": 5}),
        ("SendMessage", {"MessageBody": "x" * 1_100_000}),
        ("SendMessage", {}),
        ("SendMessageBatch", {"Entries": [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}]}),
        ("SendMessageBatch", {"Entries": [{"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}]}),
        ("SendMessageBatch", {"Entries": []}),
        ("SendMessageBatch", {"Entries": "abc"}),
        ("SendMessageBatch", {"Entries": [None]}),
        ("ReceiveMessage", {}),
        ("ReceiveMessage", {"MaxNumberOfMessages": 11}),
        ("ReceiveMessage", {"WaitTimeSeconds": -1}),
        ("DeleteMessage", {"ReceiptHandle": "nonsense"}),
        ("DeleteMessageBatch", {"Entries": [{"Id": "a", "ReceiptHandle": "nonsense"}]}),
        ("GetQueueAttributes", {"AttributeNames": ["All"]}),
        ("GetQueueAttributes", {"AttributeNames": ["Nonsense"]}),
        ("ListQueueTags", {}),
        ("PurgeQueue", {}),
        ("Nonsense", {}),
    ],
)
def test_sqs_operation_answers_as_the_chain(both, queue, operation, arguments):
    answers = call_json(both, "sqs", f"AmazonSQS.{operation}", {"QueueUrl": queue, **arguments})

    assert_same(answers)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"1", b'"a"', b"{}", b'{"QueueUrl": "x"}', b"\xff"])
def test_odd_body_is_answered_as_by_the_chain(both, body):
    assert_same(call_json(both, "sqs", "AmazonSQS.SendMessage", body))


def test_received_message_is_the_same(both, queue, aws):
    for _ in range(2):
        aws("sqs").send_message(
            QueueUrl=queue,
            MessageBody="ü",
            MessageAttributes={"binary": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}},
        )
    wanted = {"QueueUrl": queue, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]}

    hot = assert_same(call_json(both, "sqs", "AmazonSQS.ReceiveMessage", wanted))

    assert json.loads(hot.body)["Messages"][0]["Body"] == "ü"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "nonsense"},
        {"Authorization": "AWS test:signature"},
        {"Authorization": authorization("sqs", key="123456789012")},
        {"Authorization": authorization("sqs", region="eu-west-1")},
        {"Authorization": authorization("sqs", region="mars-1")},
        {"Authorization": authorization("events")},
        {"Accept": "application/json"},
        {"Accept": "*/*"},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-amz-json-1.1"},
        {"Content-Type": "application/x-amz-json-1.0; charset=utf-8"},
        {"Origin": "http://localhost"},
        {"Origin": "http://elsewhere.example"},
        {"x-amzn-query-mode": "true"},
        {"X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"},
        {"Host": "sqs.us-east-1.amazonaws.com"},
    ],
    ids=str,
)
@pytest.mark.parametrize("target", ["AmazonSQS.ListQueues", "AmazonSQS.PurgeQueue"])
def test_headers_mean_what_they_mean_to_the_chain(both, target, headers):
    body = {"QueueUrl": "http://localhost/000000000000/missing"}
    hot, chain = call_json(both, "sqs", target, body, **headers)

    assert (hot.status, hot.body) == (chain.status, chain.body)
    names = [sorted(name.lower() for name, _ in each.headers) for each in (hot, chain)]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]}),
        ("PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}", "Time": 1700000000.5}]}),
        ("PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}", "Time": "nonsense"}]}),
        ("PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "nonsense"}, {"Source": "a"}]}),
        ("PutEvents", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": "missing"}]}),
        ("PutEvents", {"Entries": [{}] * 11}),
        ("PutEvents", {"Entries": {}}),
        ("PutEvents", {"Entries": []}),
        ("PutEvents", {}),
        ("TestEventPattern", {"EventPattern": '{"source": ["a"]}', "Event": "{}"}),
        ("TestEventPattern", {"EventPattern": "nonsense", "Event": "{}"}),
        ("ListRules", {}),
        ("DescribeRule", {"Name": "missing"}),
        ("DescribeEventBus", {}),
        ("Nonsense", {}),
    ],
)
def test_events_operation_answers_as_the_chain(both, operation, arguments):
    assert_same(call_json(both, "events", f"AWSEvents.{operation}", arguments))


MISSING_MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:missing"


@pytest.mark.parametrize(
    ("service", "target", "arguments"),
    [
        ("states", "AWSStepFunctions.ListStateMachines", {}),
        ("states", "AWSStepFunctions.StartExecution", {"stateMachineArn": MISSING_MACHINE}),
        ("states", "AWSStepFunctions.StartExecution", {"stateMachineArn": "nonsense", "input": "{"}),
        ("logs", "Logs_20140328.DescribeLogGroups", {"logGroupNamePrefix": "hot-missing"}),
        ("logs", "Logs_20140328.PutLogEvents", {"logGroupName": "m", "logStreamName": "m", "logEvents": []}),
        ("logs", "Logs_20140328.PutLogEvents", {"logGroupName": "m"}),
        ("logs", "Logs_20140328.Nonsense", {}),
    ],
)
def test_operation_of_other_services_answers_as_the_chain(both, aws, service, target, arguments):
    aws("stepfunctions").list_state_machines()  # the service runs from here on
    assert_same(call_json(both, service, target, arguments))


FUNCTION = """
import os
def handler(event, context):
    print("said")
    if event == "fail":
        raise ValueError("failed")
    return {"got": event, "custom": (context.client_context.custom if context.client_context else None)}
"""


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        ({}, b'{"a": "\xc3\xbc"}'),
        ({}, b""),
        ({}, b'"fail"'),
        ({}, b"nonsense"),
        ({"X-Amz-Invocation-Type": "RequestResponse"}, b"1"),
        ({"X-Amz-Invocation-Type": "DryRun"}, b"1"),
        ({"X-Amz-Invocation-Type": "Event"}, b"1"),
        ({"X-Amz-Invocation-Type": "Nonsense"}, b"1"),
        ({"X-Amz-Client-Context": base64.b64encode(b'{"custom": {"a": "b"}}').decode()}, b"1"),
    ],
    ids=str,
)
def test_invoke_answers_as_the_chain(both, deploy, headers, payload):
    function = deploy(FUNCTION)

    answers = both(
        f"POST /2015-03-31/functions/{function.name}/invocations",
        {"Authorization": authorization("lambda"), **headers},
        payload,
    )
    hot = assert_same(answers, as_json=False)

    assert hot.status != 500
    if b"requestId" not in hot.body and b"stackTrace" not in hot.body:
        assert hot.body == answers[1].body


@pytest.mark.parametrize("path", ["{arn}", "000000000000:function:{name}", "{name}:$LATEST", "missing", "a%2Fb", "%00"])
@pytest.mark.parametrize("query", ["", "?Qualifier=%24LATEST", "?Qualifier=9", "?Qualifier=1&Other=2", "?Qualifier="])
def test_invoked_function_is_that_of_the_chain(both, deploy, path, query):
    function = deploy(FUNCTION)
    name = quote(path.format(arn=function.arn, name=function.name), safe="%")

    answers = both(
        f"POST /2015-03-31/functions/{name}/invocations{query}", {"Authorization": authorization("lambda")}, b"1"
    )

    assert_same(answers, as_json=False)
    assert answers[0].body == answers[1].body


def test_log_tail_of_an_invocation_is_returned(both, deploy):
    function = deploy(FUNCTION)
    headers = {"Authorization": authorization("lambda"), "X-Amz-Log-Type": "Tail"}

    for answer in both(f"POST /2015-03-31/functions/{function.name}/invocations", headers, b"1"):
        assert b"said" in base64.b64decode(answer.header("X-Amz-Log-Result") or "")


@pytest.mark.parametrize(
    "arguments",
    [
        {"Action": "Publish", "Message": "ü &<>", "Subject": "s"},
        {
            "Action": "Publish",
            "Message": "m",
            "MessageAttributes.entry.1.Name": "n",
            "MessageAttributes.entry.1.Value.DataType": "String",
            "MessageAttributes.entry.1.Value.StringValue": "v",
        },
        {"Action": "Publish", "Message": ""},
        {"Action": "Publish", "TopicArn": "arn:aws:sns:us-east-1:000000000000:missing", "Message": "m"},
        {"Action": "Publish", "TopicArn": "nonsense", "Message": "m"},
        {"Action": "PublishBatch", "PublishBatchRequestEntries.member.1.Id": "a"},
        {"Action": "ListSubscriptionsByTopic"},
        {"Action": "Nonsense"},
        {"Message": "no action"},
    ],
    ids=str,
)
def test_sns_operation_answers_as_the_chain(both, aws, arguments):
    topic = aws("sns").create_topic(Name="hot")["TopicArn"]
    body = urlencode({"TopicArn": topic, "Version": "2010-03-31", **arguments}).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Authorization": authorization("sns"),
    }

    hot, chain = answers = both("POST /", headers, body)
    aws("sns").delete_topic(TopicArn=topic)

    assert_same(answers, as_json=False)
    assert _without_ids(hot.body) == _without_ids(chain.body)


def _without_ids(xml: bytes) -> list[bytes]:
    return [part for part in xml.split(b"<") if not part.startswith((b"RequestId>", b"MessageId>"))]
