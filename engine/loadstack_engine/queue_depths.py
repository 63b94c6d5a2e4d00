"""What is in the SQS queues, for whom: read from LocalStack's own objects, no request, no count over the messages."""

import time
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from localstack.config import INTERNAL_RESOURCE_ACCOUNT
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.services.sqs.models import FifoQueue, SqsMessage, SqsQueue, sqs_stores


class Depth(NamedTuple):
    """Messages of a queue by what hides them. ``oldest_age_s``: of those visible or in flight; None without any."""

    visible: int
    in_flight: int
    delayed: int
    oldest_age_s: float | None


def depth(queue: SqsQueue) -> Depth:
    """As of now."""
    oldest = min((message.created for message in _oldest(queue)), default=None)
    return Depth(
        queue.approximate_number_of_messages,
        queue.approximate_number_of_messages_not_visible,
        queue.approximate_number_of_messages_delayed,
        None if oldest is None else max(0.0, time.time() - oldest),
    )


def _oldest(queue: SqsQueue) -> Iterator[SqsMessage]:
    """Messages of which one is the oldest: heaps by time of arrival, and what is in flight."""
    if isinstance(queue, FifoQueue):
        heaps = [group.messages for group in list(queue.message_groups.values())]
    else:
        heaps = [queue.visible.queue]
    for heap in heaps:
        yield from heap[:1]
    with queue.mutex:
        yield from list(queue.inflight)


def queues() -> Iterator[SqsQueue]:
    """All of them, of every account and region."""
    for _, _, store in sqs_stores.iter_stores():
        yield from list(store.queues.values())


def users_queues() -> list[SqsQueue]:
    """LocalStack's own left out, by account, region and name. None before SQS is used."""
    if not SERVICE_PLUGINS.is_running("sqs"):
        return []
    found = [queue for queue in queues() if queue.account_id != INTERNAL_RESOURCE_ACCOUNT]
    return sorted(found, key=lambda queue: (queue.account_id, queue.region, queue.name))


def functions_fed() -> dict[str, list[str]]:
    """The functions that event source mappings feed, by the ARN of the source, also of a mapping that is disabled."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, _, store in lambda_stores.iter_stores():
        for mapping in list(store.event_source_mappings.values()):
            found[mapping["EventSourceArn"]].append(mapping["FunctionArn"].split(":")[6])
    return {arn: sorted(names) for arn, names in found.items()}
