"""SNS topics and the queues that subscribe to them."""

import json

from bootstrap.context import Context, Outcome
from bootstrap.resources import Subscription, Topic


def ensure(context: Context, topic: Topic) -> Outcome:
    if context.arn(topic.ref) in context.observed.topics():
        return Outcome.UNCHANGED
    context.clients.sns.create_topic(Name=topic.name)
    return Outcome.CREATED


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
