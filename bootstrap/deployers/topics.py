"""SNS topics and the queues that subscribe to them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bootstrap.context import Context, Outcome
from bootstrap.resources import Subscription, Topic

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import TagTypeDef


def ensure(context: Context, topic: Topic) -> Outcome:
    """Create the topic with its tags, or set those that differ."""
    sns, arn = context.clients.sns, context.arn(topic.ref)
    if arn not in context.observed.topics():
        sns.create_topic(Name=topic.name, Tags=_tags(topic.tags))
        return Outcome.CREATED
    found = tags_of(sns, arn) if topic.tags else {}
    different = {name: value for name, value in topic.tags.items() if found.get(name) != value}
    if different:
        sns.tag_resource(ResourceArn=arn, Tags=_tags(different))
    return Outcome.UPDATED if different else Outcome.UNCHANGED


def tags_of(sns: "SNSClient", topic_arn: str) -> dict[str, str]:
    """What a topic is tagged with. Raises botocore's errors."""
    return {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=topic_arn).get("Tags", [])}


def _tags(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def ensure_subscription(context: Context, subscription: Subscription) -> Outcome:
    sns = context.clients.sns
    topic, queue = context.arn(subscription.topic), context.arn(subscription.queue)
    wanted = _attributes(context, subscription)
    arn = context.observed.subscriptions().get((topic, queue))
    if arn is None:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=wanted, ReturnSubscriptionArn=True)
        return Outcome.CREATED
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    different = [name for name, value in wanted.items() if json.loads(found.get(name) or "{}") != json.loads(value)]
    for name in different:
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=wanted[name])
    return Outcome.UPDATED if different else Outcome.UNCHANGED


def _attributes(context: Context, subscription: Subscription) -> dict[str, str]:
    """All values are JSON; the filter `{}` lets everything pass. A redrive policy has no such empty form."""
    attributes = {
        "RawMessageDelivery": json.dumps(subscription.raw_message_delivery),
        "FilterPolicy": json.dumps(subscription.filter_policy or {}),
    }
    if subscription.dead_letters:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": context.arn(subscription.dead_letters)})
    return attributes
