"""What carries messages: queues, topics, the bus with its rules and its archive."""

from typing import Any

from bootstrap import policies
from bootstrap.archives import Archive
from bootstrap.references import Arn, Kind, Value
from bootstrap.resources import EventBus, Queue, QueuePolicy, Rule, Subscription, Target, Topic
from bootstrap.template.names import Expression, bucket_arn_by_name, expression, filled_in, logical_id


def queue(declared: Queue) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "QueueName": declared.name,
        "VisibilityTimeout": declared.visibility_timeout,
        "MessageRetentionPeriod": declared.message_retention_period,
    }
    if declared.maximum_message_size is not None:
        properties["MaximumMessageSize"] = declared.maximum_message_size
    if declared.dead_letter:
        properties["RedrivePolicy"] = {
            "deadLetterTargetArn": expression(declared.dead_letter.queue.arn()),
            "maxReceiveCount": declared.dead_letter.max_receive_count,
        }
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def queue_policy(declared: QueuePolicy) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": logical_id(declared.queue)}],  # its URL
            "PolicyDocument": policies.document(declared.statements, _sender),
        },
    }


def _sender(value: Value) -> Expression:
    """A bucket that sends to the queue is made after the queue's policy, and named before."""
    if isinstance(value, Arn) and value.ref.kind is Kind.BUCKET:
        return bucket_arn_by_name(value.ref.name)
    return expression(value)


def event_bus(declared: EventBus) -> dict[str, Any]:
    return {"Type": "AWS::Events::EventBus", "Properties": {"Name": declared.name}}


def archive(declared: Archive) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ArchiveName": declared.name,
        "SourceArn": expression(declared.event_bus.arn()),
        "RetentionDays": declared.retention_days,
    }
    if declared.event_pattern is not None:
        properties["EventPattern"] = filled_in(declared.event_pattern)
    return {"Type": "AWS::Events::Archive", "Properties": properties}


def rule(declared: Rule) -> dict[str, Any]:
    properties: dict[str, Any] = {"Name": declared.name, "State": "ENABLED"}
    if declared.event_bus:
        properties["EventBusName"] = expression(declared.event_bus)
    if declared.event_pattern is not None:
        properties["EventPattern"] = filled_in(declared.event_pattern)
    if declared.schedule_expression is not None:
        properties["ScheduleExpression"] = declared.schedule_expression
    properties["Targets"] = [_target(each) for each in declared.targets]
    return {"Type": "AWS::Events::Rule", "Properties": properties}


def _target(target: Target) -> dict[str, Any]:
    rendered: dict[str, Any] = {"Id": target.id, "Arn": expression(target.ref.arn())}
    if target.dead_letters:
        rendered["DeadLetterConfig"] = {"Arn": expression(target.dead_letters.arn())}
    return rendered


def topic(declared: Topic) -> dict[str, Any]:
    properties: dict[str, Any] = {"TopicName": declared.name}
    if declared.tags:
        properties["Tags"] = [{"Key": name, "Value": value} for name, value in declared.tags.items()]
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


def subscription(declared: Subscription) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TopicArn": expression(declared.topic.arn()),
        "Protocol": "sqs",
        "Endpoint": expression(declared.queue.arn()),
        "RawMessageDelivery": declared.raw_message_delivery,
    }
    if declared.filter_policy is not None:
        properties["FilterPolicy"] = filled_in(declared.filter_policy)
    if declared.dead_letters:
        properties["RedrivePolicy"] = {"deadLetterTargetArn": expression(declared.dead_letters.arn())}
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}
