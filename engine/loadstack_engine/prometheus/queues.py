"""What is in the queues."""

import json
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from loadstack_engine.cloudwatch_metrics.sqs_metrics import depths
from loadstack_engine.queue_depths import users_queues

_LABELS = ("queue", "region", "account")
_GAUGES = {
    "ApproximateNumberOfMessagesVisible": ("visible_messages", "Messages that can be received."),
    "ApproximateNumberOfMessagesNotVisible": ("in_flight_messages", "Messages received and not deleted."),
    "ApproximateNumberOfMessagesDelayed": ("delayed_messages", "Messages that cannot be received yet."),
    "ApproximateAgeOfOldestMessage": ("oldest_message_age_seconds", "Age of the oldest message."),
}


def collect() -> Iterator[Metric]:
    """Nothing before SQS is used; LocalStack's own queues are left out."""
    gauges = {
        name: GaugeMetricFamily(f"loadstack_queue_{suffix}", text, labels=_LABELS)
        for name, (suffix, text) in _GAUGES.items()
    }
    dead = GaugeMetricFamily("loadstack_queue_dead_letters", "Messages in dead-letter queues.", labels=_LABELS)
    found = users_queues()
    dead_letter_queues = {arn for queue in found if (arn := _dead_letter_queue_of(queue))}
    for queue in found:
        labels = (queue.name, queue.region, queue.account_id)
        sample = depths(queue)
        for name, gauge in gauges.items():
            gauge.add_metric(labels, sample[name])
        if queue.arn in dead_letter_queues:
            dead.add_metric(labels, sum(count for name, count in sample.items() if "Number" in name))
    yield from gauges.values()
    yield dead


def _dead_letter_queue_of(queue: Any) -> str | None:
    policy = queue.redrive_policy
    policy = json.loads(policy) if isinstance(policy, str) else policy
    return policy.get("deadLetterTargetArn") if policy else None
