"""From topics to their subscribers."""

import json

import pytest

from tests.engine import messaging
from tests.engine.messaging import HttpTarget, unique


@pytest.fixture
def topic(aws):
    arn = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    yield arn
    aws("sns").delete_topic(TopicArn=arn)


@pytest.fixture
def subscribe(aws, topic):
    def subscribe(queue, **attributes):
        aws("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=attributes, ReturnSubscriptionArn=True
        )
        return queue

    return subscribe


def _attribute(value):
    return {"DataType": "String", "StringValue": value}


def test_message_is_in_the_queue_when_publish_returns(aws, topic, queue, subscribe):
    subscribe(queue)

    sent = aws("sns").publish(
        TopicArn=topic, Message="hello", Subject="Hi", MessageAttributes={"kind": _attribute("new")}
    )

    (message,) = queue.bodies(wait_s=0)
    assert message["MessageId"] == sent["MessageId"]
    assert message["TopicArn"] == topic
    assert message["Type"] == "Notification"
    assert (message["Message"], message["Subject"]) == ("hello", "Hi")
    assert message["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}
    assert message["Signature"]
    assert message["SigningCertURL"].endswith(".pem")


def test_raw_delivery_carries_body_and_attributes(aws, topic, queue, subscribe):
    subscribe(queue, RawMessageDelivery="true")
    binary = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}

    aws("sns").publish(
        TopicArn=topic, Message='{"a": 1}', MessageAttributes={"kind": _attribute("new"), "bits": binary}
    )

    (message,) = queue.receive(wait_s=0)
    assert message["Body"] == '{"a": 1}'
    assert message["MessageAttributes"]["kind"]["StringValue"] == "new"
    assert message["MessageAttributes"]["bits"]["BinaryValue"] == b"\x00\xff"


def test_filter_policies_on_attributes_and_body(aws, topic, create_queue, subscribe):
    by_attribute = subscribe(create_queue(), FilterPolicy='{"kind": ["new"]}')
    by_body = subscribe(
        create_queue(), FilterPolicy='{"price": [{"numeric": [">", 10]}]}', FilterPolicyScope="MessageBody"
    )

    aws("sns").publish(TopicArn=topic, Message='{"price": 11}', MessageAttributes={"kind": _attribute("old")})
    aws("sns").publish(TopicArn=topic, Message='{"price": 9}', MessageAttributes={"kind": _attribute("new")})

    assert [body["Message"] for body in by_attribute.bodies(count=2, wait_s=1)] == ['{"price": 9}']
    assert [body["Message"] for body in by_body.bodies(count=2, wait_s=1)] == ['{"price": 11}']


def test_batch_reaches_the_queue_whole(aws, topic, queue, subscribe):
    subscribe(queue, RawMessageDelivery="true")
    entries = [{"Id": str(n), "Message": str(n), "MessageAttributes": {"n": _attribute(str(n))}} for n in range(10)]

    answer = aws("sns").publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert len(answer["Successful"]) == 10
    received = queue.receive(count=10, wait_s=1)
    assert sorted(message["Body"] for message in received) == [str(n) for n in range(10)]
    assert all(m["MessageAttributes"]["n"]["StringValue"] == m["Body"] for m in received)


def test_message_for_a_queue_that_is_gone_goes_to_the_dead_letter_queue(aws, topic, create_queue, subscribe):

    dead, gone = create_queue(), messaging.create_queue(aws)
    subscribe(gone, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    gone.client.delete_queue(QueueUrl=gone.url)

    aws("sns").publish(TopicArn=topic, Message="lost")

    assert dead.bodies()[0]["Message"] == "lost"


def test_fifo_topic_keeps_order_and_drops_duplicates(aws, create_queue):
    topic = aws("sns").create_topic(
        Name=unique("topic") + ".fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    )["TopicArn"]
    queue = create_queue(FifoQueue="true")
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"})

    for message in ["0", "1", "1", "2", "3"]:
        aws("sns").publish(TopicArn=topic, Message=message, MessageGroupId="group")

    assert [message["Body"] for message in queue.receive(count=5, wait_s=1)] == ["0", "1", "2", "3"]
    aws("sns").delete_topic(TopicArn=topic)


def test_function_gets_the_message_as_an_event(aws, topic, queue, deploy):
    function = deploy(
        """
        import json, os
        import boto3
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
        """,
        Environment={"Variables": {"SEEN": queue.url}},
    )
    aws("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)

    aws("sns").publish(TopicArn=topic, Message="hello")

    (record,) = queue.bodies()[0]["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["Sns"]["Message"] == "hello"


def test_http_subscriber_still_gets_its_confirmation(aws, topic):
    with HttpTarget(200) as subscriber:
        aws("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)

        subscriber.wait_for(1)

        assert json.loads(subscriber.bodies[0])["Type"] == "SubscriptionConfirmation"
