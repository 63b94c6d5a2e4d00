"""EventBridge Scheduler on the running engine."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from tests.engine import messaging
from tests.engine.messaging import bus_of, unique
from tests.waiting import until

ROLE = "arn:aws:iam::000000000000:role/test"


def _soon(seconds=1):
    """The second that begins so many seconds from now."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds + 1)


def _at(moment):
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


@pytest.fixture
def schedule(aws):
    client = aws("scheduler")
    created = []

    def create(target_arn, expression=None, target=None, **arguments):
        name = unique("schedule")
        client.create_schedule(
            Name=name,
            ScheduleExpression=expression or _at(_soon()),
            Target={"Arn": target_arn, "RoleArn": ROLE, **(target or {})},
            **({"FlexibleTimeWindow": {"Mode": "OFF"}} | arguments),
        )
        created.append(name)
        return name

    yield create
    left = {each["Name"] for each in client.list_schedules()["Schedules"]}
    for name in left.intersection(created):
        client.delete_schedule(Name=name)


def test_one_time_schedule_sends_its_input_once(aws, queue, schedule):
    due = _soon()
    name = schedule(queue.arn, _at(due), {"Input": '{"order": 1}'})

    (message,) = queue.receive()

    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
    assert 0 <= sent - due.timestamp() < 20
    assert json.loads(message["Body"]) == {"order": 1}
    assert queue.is_empty
    assert aws("scheduler").get_schedule(Name=name)["State"] == "ENABLED"


def test_schedule_without_input_sends_a_notification(queue, schedule):
    due = _soon()
    name = schedule(queue.arn, _at(due))

    (body,) = queue.bodies()

    assert body["detail-type"] == "Scheduled Event"
    assert body["source"] == "aws.scheduler"
    assert body["time"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"
    assert body["resources"] == [f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}"]


def test_time_zone_of_the_schedule_counts(queue, schedule):
    due = _soon().astimezone(ZoneInfo("Asia/Tokyo"))

    schedule(queue.arn, _at(due), {"Input": "{}"}, ScheduleExpressionTimezone="Asia/Tokyo")

    assert queue.bodies() == [{}]


def test_context_attributes_are_filled_in(queue, schedule):
    due = _soon()
    template = {"at": "<aws.scheduler.scheduled-time>", "n": "<aws.scheduler.attempt-number>"}

    schedule(queue.arn, _at(due), {"Input": json.dumps(template)})

    assert queue.bodies() == [{"at": f"{due:%Y-%m-%dT%H:%M:%SZ}", "n": "1"}]


def test_rate_starts_at_once_or_at_its_start(queue, schedule):
    start = _soon(6)
    schedule(queue.arn, "rate(1 minute)", {"Input": '"second"'}, StartDate=start)
    schedule(queue.arn, "rate(1 minute)", {"Input": '"first"'})

    messages = queue.receive(count=2, wait_s=30)

    assert [json.loads(message["Body"]) for message in messages] == ["first", "second"]
    assert int(messages[1]["Attributes"]["SentTimestamp"]) / 1000 >= start.timestamp()


def test_completed_schedule_is_deleted_when_it_asks_for_it(aws, queue, schedule):
    name = schedule(queue.arn, target={"Input": "{}"}, ActionAfterCompletion="DELETE")

    assert queue.bodies() == [{}]

    until(lambda: name not in {each["Name"] for each in aws("scheduler").list_schedules()["Schedules"]})


def test_disabled_and_deleted_schedules_do_not_fire(aws, queue, schedule):
    due = _soon(6)
    gone = schedule(queue.arn, _at(due), {"Input": '"deleted"'})
    aws("scheduler").delete_schedule(Name=gone)

    schedule(queue.arn, _at(due), {"Input": '"disabled"'}, State="DISABLED")
    schedule(queue.arn, _at(due + timedelta(seconds=1)), {"Input": '"last"'})

    assert queue.bodies() == ["last"]


def test_updated_schedule_fires_as_it_was_updated(aws, queue, schedule):
    name = schedule(queue.arn, "at(2030-01-01T00:00:00)", {"Input": '"old"'})

    aws("scheduler").update_schedule(
        Name=name,
        ScheduleExpression=_at(_soon()),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue.arn, "RoleArn": ROLE, "Input": '"new"'},
        ActionAfterCompletion="DELETE",
    )

    assert queue.bodies() == ["new"]
    until(lambda: name not in {each["Name"] for each in aws("scheduler").list_schedules()["Schedules"]})


def test_templated_targets(aws, create_queue, deploy, schedule):
    behind_topic, behind_bus, behind_function = create_queue(), create_queue(), create_queue()
    topic = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=behind_topic.arn, Attributes=raw)
    function = deploy(
        """
        import json, os
        import boto3
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
        """,
        Environment={"Variables": {"SEEN": behind_function.url}},
    )
    with bus_of(aws) as bus:
        bus.rule({"Arn": behind_bus.arn})
        source = {"EventBridgeParameters": {"Source": messaging.SOURCE, "DetailType": "Due"}}

        schedule(topic, target={"Input": '{"to": "topic"}'})
        schedule(bus.arn, target={"Input": '{"to": "bus"}', **source})
        schedule(function.arn, target={"Input": '{"to": "function"}'})

        assert behind_topic.bodies() == [{"to": "topic"}]
        assert behind_bus.bodies()[0]["detail"] == {"to": "bus"}
        assert behind_function.bodies() == [{"to": "function"}]
    aws("sns").delete_topic(TopicArn=topic)


def test_state_machine_is_started_and_any_operation_can_be_called(aws, create_queue, schedule):
    queue = create_queue()
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue.url, "MessageBody.$": "$.body"},
        "End": True,
    }
    client = aws("stepfunctions")
    machine = client.create_state_machine(
        name=unique("machine"), definition=json.dumps({"StartAt": "Send", "States": {"Send": task}}), roleArn=ROLE
    )["stateMachineArn"]
    send = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"

    schedule(machine, target={"Input": '{"body": "{\\"from\\": \\"machine\\"}"}'})
    schedule(send, target={"Input": json.dumps({"QueueUrl": queue.url, "MessageBody": '{"from": "operation"}'})})

    assert sorted(body["from"] for body in queue.bodies(count=2)) == ["machine", "operation"]
    client.delete_state_machine(stateMachineArn=machine)


def test_fifo_queue_gets_the_group_of_the_target(create_queue, schedule):
    queue = create_queue(FifoQueue="true", ContentBasedDeduplication="true")

    schedule(queue.arn, target={"Input": "{}", "SqsParameters": {"MessageGroupId": "orders"}})

    (message,) = queue.receive()
    assert message["Attributes"]["MessageGroupId"] == "orders"


def test_invocation_that_fails_goes_to_the_dead_letter_queue(aws, queue, schedule):
    gone = messaging.create_queue(aws)
    gone.client.delete_queue(QueueUrl=gone.url)
    due = _soon()

    name = schedule(gone.arn, _at(due), {"Input": '{"order": 1}', "DeadLetterConfig": {"Arn": queue.arn}})

    (message,) = queue.receive()
    attributes = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == {"order": 1}
    assert attributes.pop("EXECUTION_ID")
    assert attributes == {
        "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}",
        "TARGET_ARN": gone.arn,
        "SCHEDULED_TIME": f"{due:%Y-%m-%dT%H:%M:%SZ}",
        "ERROR_CODE": "QueueDoesNotExist",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
    }


@pytest.mark.parametrize(
    "arguments", [{"ScheduleExpressionTimezone": "Mars/Base"}, {"ScheduleExpression": "cron(0 0 99 * ? *)"}]
)
def test_schedule_that_can_never_be_read_is_refused(aws, queue, arguments):
    target = {"Arn": queue.arn, "RoleArn": ROLE}
    valid = {"ScheduleExpression": "cron(0 0 * * ? *)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}

    with pytest.raises(ClientError, match="ValidationException"):
        aws("scheduler").create_schedule(Name=unique("schedule"), **(valid | arguments))


@pytest.mark.slow  # AWS has no shorter cron than a minute
@pytest.mark.timeout(180)
def test_cron_fires_at_the_minute_for_rules_and_schedules(aws, create_queue, schedule):
    """The only test that waits for a minute to end: AWS knows no shorter cron."""
    by_rule, by_schedule, disabled = create_queue(), create_queue(), create_queue()
    events = aws("events")
    names = {}
    until(lambda: datetime.now(UTC).second <= 40)  # else the minute may end between the rule and the schedule
    for queue, state in ((by_rule, "ENABLED"), (disabled, "DISABLED")):
        names[state] = unique("rule")
        events.put_rule(Name=names[state], ScheduleExpression="cron(* * * * ? *)", State=state)
        for _ in range(2):  # stock fires twice after this
            events.put_targets(Rule=names[state], Targets=[{"Id": "0", "Arn": queue.arn}])
    schedule(by_schedule.arn, "cron(* * * * ? *)")

    fired = until(lambda: by_rule.receive(wait_s=5), timeout_s=90) + by_schedule.receive(wait_s=30)

    for name in names.values():
        events.remove_targets(Rule=name, Ids=["0"])
        events.delete_rule(Name=name)
    assert [json.loads(message["Body"])["detail-type"] for message in fired] == ["Scheduled Event"] * 2
    assert all(int(message["Attributes"]["SentTimestamp"]) / 1000 % 60 < 20 for message in fired)
    assert by_rule.is_empty
    assert disabled.is_empty
