"""SQS, SNS and EventBridge: queues, topics with subscriptions, buses with rules and archives."""

from typing import Any

from tests.describing.reading import Aws, Described, last, pages, parsed, policy, tags, without

_COUNTED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
)


def describe_messages(aws: Aws) -> Described:
    return {**_queues(aws("sqs")), **_topics(aws("sns")), **_buses(aws("events"))}


def _queues(client: Any) -> Described:
    return {"queues": {last(url): _queue(client, url) for url in pages(client, "list_queues", "QueueUrls")}}


def _queue(client: Any, url: str) -> dict[str, Any]:
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    attributes = {name: parsed(value) for name, value in without(found, *_COUNTED).items()}
    if "Policy" in attributes:
        attributes["Policy"] = policy(attributes["Policy"])
    return {"attributes": attributes, "tags": client.list_queue_tags(QueueUrl=url).get("Tags", {})}


def _topics(client: Any) -> Described:
    arns = [each["TopicArn"] for each in pages(client, "list_topics", "Topics")]
    subscriptions = pages(client, "list_subscriptions", "Subscriptions")
    return {
        "topics": {last(arn): _topic(client, arn) for arn in arns},
        "subscriptions": {
            f"{last(each['Endpoint'])} to {last(each['TopicArn'])}": _subscription(client, each["SubscriptionArn"])
            for each in subscriptions
        },
    }


def _topic(client: Any, arn: str) -> dict[str, Any]:
    found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    attributes = {name: parsed(value) for name, value in found.items()}
    if "Policy" in attributes:
        attributes["Policy"] = policy(attributes["Policy"])
    return {"attributes": attributes, "tags": tags(client.list_tags_for_resource(ResourceArn=arn).get("Tags", []))}


def _subscription(client: Any, arn: str) -> dict[str, Any]:
    found = without(client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"], "SubscriptionArn")
    return {name: parsed(value) for name, value in found.items()}


def _buses(client: Any) -> Described:
    buses = [each["Name"] for each in pages(client, "list_event_buses", "EventBuses")]
    archives = [each["ArchiveName"] for each in pages(client, "list_archives", "Archives")]
    return {
        "event buses": {name: _bus(client, name) for name in buses},
        "rules": {
            f"{bus}/{rule['Name']}": _rule(client, bus, rule["Name"])
            for bus in buses
            for rule in pages(client, "list_rules", "Rules", EventBusName=bus)
        },
        "archives": {name: _archive(client, name) for name in archives},
    }


def _bus(client: Any, name: str) -> dict[str, Any]:
    found = without(client.describe_event_bus(Name=name), "CreationTime", "LastModifiedTime")
    made = found | ({"Policy": policy(found["Policy"])} if "Policy" in found else {})
    return {**made, "tags": tags(client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"])}


def _rule(client: Any, bus: str, name: str) -> dict[str, Any]:
    found = without(client.describe_rule(Name=name, EventBusName=bus), "CreatedBy")
    targets = pages(client, "list_targets_by_rule", "Targets", Rule=name, EventBusName=bus)
    return {
        **{field: parsed(value) if field == "EventPattern" else value for field, value in found.items()},
        "targets": {each["Id"]: without(each, "Id") for each in targets},
        "tags": tags(client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]),
    }


def _archive(client: Any, name: str) -> dict[str, Any]:
    found = without(client.describe_archive(ArchiveName=name), "CreationTime", "SizeBytes", "EventCount")
    return {field: parsed(value) if field == "EventPattern" else value for field, value in found.items()}
