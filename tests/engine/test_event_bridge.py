"""From PutEvents to the targets of the rules."""

import json
import threading

import pytest
from botocore.exceptions import ClientError
from localstack.aws.api.events import Rule as ApiRule
from localstack.services.events.models import Rule
from localstack.services.events.provider import EventsProvider

from loadstack_engine.event_bridge import listed_rules
from tests.engine.messaging import SOURCE, HttpTarget, api_destination, bus_of, unique
from tests.waiting import until


def test_event_reaches_a_queue_in_awss_shape(bus, queue):
    bus.rule({"Arn": queue.arn})

    (event_id,) = bus.put({"order": 1}, Resources=["arn:aws:s3:::a"])

    (event,) = queue.bodies()
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": event_id,
        "detail-type": "Test",
        "source": SOURCE,
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::a"],
        "detail": {"order": 1},
    }


def test_event_is_in_the_queue_when_put_events_returns(bus, queue):
    bus.rule({"Arn": queue.arn})

    for number in range(20):
        bus.put({"number": number})
        received = queue.client.receive_message(QueueUrl=queue.url, WaitTimeSeconds=0).get("Messages", [])
        assert [json.loads(m["Body"])["detail"]["number"] for m in received] == [number]
        queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=received[0]["ReceiptHandle"])


def test_only_matching_rules_get_the_event(bus, create_queue):
    patterns = [
        {"source": [SOURCE], "detail-type": ["Other"]},
        {"detail": {"price": [{"numeric": [">", 10]}], "tags": ["new"]}},
        {"source": [{"prefix": "test."}], "detail": {"gone": [{"exists": False}]}},
        {"$or": [{"source": ["nobody"]}, {"detail": {"price": [11]}}]},
        {"source": [SOURCE], "detail": {"price": [9]}},
    ]
    queues = [create_queue() for _ in patterns]
    for queue, pattern in zip(queues, patterns, strict=True):
        bus.rule({"Arn": queue.arn}, pattern=pattern)

    bus.put({"price": 11, "tags": ["old", "new"]})

    assert [queue.is_empty for queue in queues] == [True, False, False, False, True]


def test_changed_rule_matches_by_its_new_pattern(aws, bus, queue):
    name = bus.rule({"Arn": queue.arn}, pattern={"detail": {"kind": ["a"]}}).rsplit("/", 1)[1]

    aws("events").put_rule(Name=name, EventBusName=bus.name, EventPattern=json.dumps({"detail": {"kind": ["b"]}}))
    bus.put({"kind": "a"}, {"kind": "b"})

    assert [event["detail"]["kind"] for event in queue.bodies(count=2, wait_s=1)] == ["b"]


def test_disabled_rule_sends_nothing_until_it_is_enabled(aws, bus, queue):
    name = bus.rule({"Arn": queue.arn}, State="DISABLED").rsplit("/", 1)[1]
    bus.put({"number": 1})

    aws("events").enable_rule(Name=name, EventBusName=bus.name)
    bus.put({"number": 2})

    assert [event["detail"]["number"] for event in queue.bodies(count=2, wait_s=1)] == [2]


def test_input_is_formed_as_the_target_says(bus, create_queue):
    forms = [
        {"Input": '{"fixed": true}'},
        {"InputPath": "$.detail.order"},
        {"InputTransformer": {"InputPathsMap": {"id": "$.detail.order.id"}, "InputTemplate": '{"got": <id>}'}},
    ]
    queues = [create_queue() for _ in forms]
    bus.rule(*({"Arn": queue.arn, **form} for queue, form in zip(queues, forms, strict=True)))

    bus.put({"order": {"id": 7}})

    assert [queue.bodies() for queue in queues] == [[{"fixed": True}], [{"id": 7}], [{"got": 7}]]


def test_fifo_queue_gets_the_group_of_the_target(bus, create_queue):
    queue = create_queue(FifoQueue="true", ContentBasedDeduplication="true")
    bus.rule({"Arn": queue.arn, "SqsParameters": {"MessageGroupId": "orders"}})

    bus.put(*({"number": number} for number in range(5)))

    messages = queue.receive(count=5)
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"orders"}
    assert [json.loads(message["Body"])["detail"]["number"] for message in messages] == list(range(5))


def test_event_reaches_a_topic_and_another_bus(aws, bus, create_queue):
    behind_topic, behind_bus = create_queue(), create_queue()
    topic = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    aws("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=behind_topic.arn, Attributes={"RawMessageDelivery": "true"}
    )
    with bus_of(aws) as other:
        other.rule({"Arn": behind_bus.arn})
        bus.rule({"Arn": topic}, {"Arn": other.arn})

        bus.put({"number": 1})

        assert behind_topic.bodies()[0]["detail"] == {"number": 1}
        assert behind_bus.bodies()[0]["detail"] == {"number": 1}
    aws("sns").delete_topic(TopicArn=topic)


def test_event_starts_a_state_machine(aws, bus, queue):
    definition = {
        "StartAt": "Send",
        "States": {
            "Send": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Parameters": {"QueueUrl": queue.url, "MessageBody.$": "$.detail"},
                "End": True,
            }
        },
    }
    client = aws("stepfunctions")
    role = "arn:aws:iam::000000000000:role/test"
    machine = client.create_state_machine(name=unique("machine"), definition=json.dumps(definition), roleArn=role)
    bus.rule({"Arn": machine["stateMachineArn"], "RoleArn": role})

    bus.put({"number": 1})

    assert queue.bodies() == [{"number": 1}]
    client.delete_state_machine(stateMachineArn=machine["stateMachineArn"])


def test_event_reaches_a_log_group(aws, bus):
    group = unique("/test/events")
    logs = aws("logs")
    logs.create_log_group(logGroupName=group)
    bus.rule({"Arn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"})

    bus.put({"number": 1})

    events = until(lambda: logs.filter_log_events(logGroupName=group)["events"])
    assert json.loads(events[0]["message"])["detail"] == {"number": 1}
    logs.delete_log_group(logGroupName=group)


def test_event_invokes_a_function_and_nobody_waits_for_it(bus, create_queue, deploy):
    gate, done = create_queue(), create_queue()
    function = deploy(
        """
        import json, os
        import boto3
        sqs = boto3.client("sqs")
        def handler(event, context):
            sqs.receive_message(QueueUrl=os.environ["GATE"], WaitTimeSeconds=10)
            sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=json.dumps(event["detail"]))
        """,
        Environment={"Variables": {"GATE": gate.url, "DONE": done.url}},
        Timeout=20,
    )
    bus.rule({"Arn": function.arn})

    bus.put({"number": 1})
    assert done.is_empty  # it waits at the gate
    gate.client.send_message(QueueUrl=gate.url, MessageBody="go")

    assert done.bodies() == [{"number": 1}]


def test_put_events_does_not_wait_for_a_slow_target(aws, bus, queue):
    released = threading.Event()
    with HttpTarget(200) as slow:
        slow.before_answer = released.wait
        bus.rule({"Arn": api_destination(aws, slow.url)}, {"Arn": queue.arn})

        bus.put({"number": 1})

        slow.wait_for(1)
        assert queue.bodies()[0]["detail"] == {"number": 1}
        released.set()


@pytest.mark.parametrize("entry", [{"Detail": "[]"}, {"Source": ""}, {"DetailType": ""}])
def test_entry_that_is_no_event_is_refused(aws, bus, entry):
    entry = {"EventBusName": bus.name, "Source": SOURCE, "DetailType": "Test", "Detail": "{}"} | entry

    answer = aws("events").put_events(Entries=[entry])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] in ("MalformedDetail", "InvalidArgument")


@pytest.mark.parametrize("pattern", ["[]", '{"source": "text"}', '{"source": [{"unknown": 1}]}', "{"])
def test_pattern_that_is_none_is_refused(bus, pattern):
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        bus.client.put_rule(Name=unique("rule"), EventBusName=bus.name, EventPattern=pattern)


def test_rules_are_listed_without_what_the_model_lacks(monkeypatch):
    monkeypatch.setattr(
        EventsProvider, "_rule_dict_to_rule_response_list", EventsProvider._rule_dict_to_rule_response_list
    )
    listed_rules.use()
    rule = Rule("a-rule", "us-east-1", "000000000000")
    assert "CreatedBy" not in ApiRule.__annotations__
    (listed,) = EventsProvider()._rule_dict_to_rule_response_list({"a-rule": rule})
    assert set(listed) <= set(ApiRule.__annotations__)
    assert listed["Name"] == "a-rule"
