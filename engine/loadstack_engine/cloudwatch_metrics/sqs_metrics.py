"""The metrics of SQS queues, counted where LocalStack would send each of them by a call of its own.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

import time
from collections import Counter
from typing import Any
from weakref import WeakKeyDictionary

from localstack import config
from localstack.services.sqs.models import SqsQueue

from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR, Add, Series
from loadstack_engine.queue_depths import depth, queues

_NAMESPACE = "AWS/SQS"
_AGE = "ApproximateAgeOfOldestMessage"
_EMPTY_INTERVAL_S = 60.0


class QueueCounters:
    """In the place of LocalStack's ``CloudwatchDispatcher``: the provider tells it what happened to a queue.

    Where threads count the same at once, the interpreter's lock keeps ``append`` whole: nothing is lost.
    """

    def __init__(self) -> None:
        self._observed: list[tuple[SqsQueue, str, float]] = []

    def dispatch_metric_message_sent(self, queue: SqsQueue, message_body_size: int) -> None:
        self._observed.append((queue, "SentMessageSize", message_body_size))

    def dispatch_metric_message_deleted(self, queue: SqsQueue, deleted: int = 1) -> None:
        self._observed.append((queue, "NumberOfMessagesDeleted", deleted))

    def dispatch_metric_received(self, queue: SqsQueue, received: int) -> None:
        if received:
            self._observed.append((queue, "NumberOfMessagesReceived", received))
        else:
            self._observed.append((queue, "NumberOfEmptyReceives", 1))

    def shutdown(self) -> None:
        """As the one that it replaces has it: nothing to end."""

    def collect(self, add: Add) -> None:
        count = len(self._observed)
        observed = self._observed[:count]
        del self._observed[:count]
        for (queue, metric, value), times in Counter(observed).items():
            if metric == "SentMessageSize":
                add(_series(queue, "NumberOfMessagesSent"), {1: times})
                add(_series(queue, metric, "Bytes"), {value: times})
            else:
                add(_series(queue, metric), {value: times})


def depths(queue: SqsQueue) -> dict[str, int]:
    """By metric; the age of the oldest message in whole seconds, 0 of none."""
    now = depth(queue)
    return {
        "ApproximateNumberOfMessagesVisible": now.visible,
        "ApproximateNumberOfMessagesNotVisible": now.in_flight,
        "ApproximateNumberOfMessagesDelayed": now.delayed,
        _AGE: int(now.oldest_age_s or 0),
    }


class DepthSampler:
    """Samples queues every second while there is something in them, and once a minute (as AWS does) while empty."""

    def __init__(self) -> None:
        self._told_empty: WeakKeyDictionary[SqsQueue, float] = WeakKeyDictionary()

    def collect(self, add: Add) -> None:
        now = time.monotonic()
        for queue in queues():
            sample = depths(queue)
            if any(sample.values()):
                self._told_empty.pop(queue, None)
            elif now - self._told_empty.get(queue, -_EMPTY_INTERVAL_S) < _EMPTY_INTERVAL_S:
                continue
            else:
                self._told_empty[queue] = now
            for metric, value in sample.items():
                add(_series(queue, metric, "Seconds" if metric == _AGE else "Count"), {value: 1})


def _series(queue: SqsQueue, metric: str, unit: str = "Count") -> Series:
    return Series(queue.account_id, queue.region, _NAMESPACE, metric, (("QueueName", queue.name),), unit)


def use() -> None:
    """Count from the provider's start on, unless ``SQS_DISABLE_CLOUDWATCH_METRICS=1``."""
    from localstack.services.sqs.provider import SqsProvider

    if config.SQS_DISABLE_CLOUDWATCH_METRICS:
        return
    counters = QueueCounters()
    COLLECTOR.add_source(counters.collect)
    COLLECTOR.add_source(DepthSampler().collect)

    def init(provider: Any) -> None:
        provider.cloudwatch_disabled = True  # its own threads for that are neither started nor stopped
        provider._cloudwatch_publish_worker = None
        provider._cloudwatch_dispatcher = counters

    SqsProvider._init_cloudwatch_metrics_reporting = init
