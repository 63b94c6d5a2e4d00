"""Taking messages from LocalStack's queues, and giving them back, by the queues' own methods.

No client, no request, no copy: what ``ReceiveMessage`` and ``DeleteMessage`` do to the queue is done here.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from localstack.aws.api.sqs import MessageSystemAttributeName
from localstack.services.sqs.models import FifoQueue, SqsMessage, SqsQueue, sqs_stores
from localstack.services.sqs.queue import InterruptibleQueue
from localstack.utils.aws.arns import parse_arn

from loadstack_engine.in_process import provider_of
from loadstack_engine.runtime import _loadstack_requests as requests
from loadstack_engine.usage.meter import USAGE

LOG = logging.getLogger(__name__)

_COUNT = MessageSystemAttributeName.ApproximateReceiveCount
# Time to give messages back before they come back on their own, in parts of the visibility timeout.
_MARGIN = 0.2
_MESSAGES_A_DELETE = 10
# Mappings of one queue come and go on threads of their own.
_LISTENING = threading.Lock()


@dataclass(frozen=True)
class Received:
    """One receive of a message: its handle, and when, which tells it from a later receive."""

    message: SqsMessage
    receipt_handle: str
    at: float

    @property
    def held_until(self) -> float:
        """When to give it back at the latest (``time.time()``)."""
        deadline: float = self.message.visibility_deadline or self.at
        return deadline - _MARGIN * max(0.0, deadline - self.at)


def find(arn: str) -> SqsQueue | None:
    """The queue of this ARN as it is now; a queue that was deleted and created again is another."""
    parsed = parse_arn(arn)
    return sqs_stores[parsed["account"]][parsed["region"]].queues.get(parsed["resource"])


def is_empty(queue: SqsQueue) -> bool:
    """Whether nothing can be received now; a group of which messages are in flight does not count."""
    return not _waiting(queue).queue


def take(queue: SqsQueue, limit: int) -> list[list[Received]]:
    """Receive without waiting: up to ``limit`` messages of a standard queue, or of one group of a FIFO queue.

    Usually one batch or none; several where another consumer took the group that was looked at: one a group.
    """
    if not isinstance(queue, FifoQueue):
        received = _receive(queue, limit)
        return [received] if received else []
    groups: dict[str | None, list[Received]] = {}
    for each in _receive(queue, _size_of_next_group(queue, limit)):
        groups.setdefault(each.message.message_group_id, []).append(each)
    return list(groups.values())


def _size_of_next_group(queue: FifoQueue, limit: int) -> int:
    with queue.message_group_queue.mutex:
        groups = queue.message_group_queue.queue
        return min(limit, max(1, groups[0].size())) if groups else 1


def _receive(queue: SqsQueue, limit: int) -> list[Received]:
    result = queue.receive(limit, 0)
    if result.dead_letter_messages:
        _move_to_dead_letter_queue(queue, result.dead_letter_messages)
    if result.successful and (metrics := _metrics()):
        metrics.dispatch_metric_received(queue, received=len(result.successful))
    if result.successful:
        received = {"Messages": [message.message for message in result.successful]}
        _count(queue, "ReceiveMessage", requests.of_sqs("ReceiveMessage", {}, received))
    return [
        Received(message, handle, message.last_received)
        for message, handle in zip(result.successful, result.receipt_handles, strict=True)
    ]


def _move_to_dead_letter_queue(queue: SqsQueue, messages: list[SqsMessage]) -> None:
    """As ``ReceiveMessage`` does; the messages are lost, as on LocalStack, where that queue is gone."""
    target = find(queue.redrive_policy["deadLetterTargetArn"])
    for message in messages:
        message.message["Attributes"][MessageSystemAttributeName.DeadLetterQueueSourceArn] = queue.arn
        if target is None:
            LOG.warning("The dead-letter queue of %s does not exist: message %s is lost", queue.arn, message.message_id)
        else:
            target.put(
                message=message.message,
                message_deduplication_id=message.message_deduplication_id,
                message_group_id=message.message_group_id,
            )
        if isinstance(queue, FifoQueue):
            queue.update_message_group_visibility(queue.get_message_group(message.message_group_id))


def delete(queue: SqsQueue, batch: Iterable[Received]) -> None:
    """Delete what was processed; a FIFO message whose visibility timeout is over stays, as on AWS."""
    deleted = 0
    with queue.mutex:
        for each in batch:
            try:
                queue.remove(each.receipt_handle)
                deleted += 1
            except Exception as error:
                LOG.warning("Message %s of %s is not deleted: %s", each.message.message_id, queue.arn, error)
    if deleted and (metrics := _metrics()):
        metrics.dispatch_metric_message_deleted(queue, deleted)
    _count(queue, "DeleteMessageBatch", -(-deleted // _MESSAGES_A_DELETE))


def _count(queue: SqsQueue, operation: str, count: int) -> None:
    """What Lambda's poller would ask of the queue on AWS."""
    if count:
        USAGE.add(("sqs", queue.name, "poller", operation), count)


def holds(queue: SqsQueue, received: Received) -> bool:
    """Whether the message is still there: a purge takes what is in flight too."""
    return received.receipt_handle in queue.receipts


def give_back(queue: SqsQueue, batch: Iterable[Received]) -> None:
    """Make messages visible again as if they had not been received; one that came back on its own is left alone."""
    groups = set()
    with queue.mutex:
        for each in batch:
            message = each.message
            if message in queue.inflight and message.last_received == each.at:
                _undo_receive(queue, each)
                del queue.inflight[message]
                queue._put_message(message)
                groups.add(message.message_group_id)
        if isinstance(queue, FifoQueue):
            for group in groups:
                queue.update_message_group_visibility(queue.get_message_group(group))


def _undo_receive(queue: SqsQueue, received: Received) -> None:
    message = received.message
    queue.receipts.pop(received.receipt_handle, None)
    message.receipt_handles.discard(received.receipt_handle)
    message.receive_count -= 1
    attributes = message.message["Attributes"]
    attributes[_COUNT] = str(int(attributes[_COUNT]) - 1)
    if message.first_received == received.at:
        message.first_received = None
    message.visibility_deadline = None


def listen(queue: SqsQueue, call: Callable[[], None]) -> None:
    """Call this, on the thread of whoever sends, when something in the queue becomes receivable."""
    waiting = _waiting(queue)
    with _LISTENING:
        waiting.listeners = (*waiting.listeners, call)


def unlisten(queue: SqsQueue, call: Callable[[], None]) -> None:
    waiting = _waiting(queue)
    with _LISTENING:
        waiting.listeners = tuple(each for each in waiting.listeners if each != call)


def _waiting(queue: SqsQueue) -> Any:
    """Messages, or groups of a FIFO queue, that can be received."""
    return queue.message_group_queue if isinstance(queue, FifoQueue) else queue.visible


def _metrics() -> Any:
    return provider_of("sqs")._cloudwatch_dispatcher


def use() -> None:
    """Let queues tell when something can be received, and one FIFO group not hold up the others."""

    def put_nowait(queue: InterruptibleQueue, item: Any) -> None:
        queue.put(item, block=False)
        for call in queue.listeners:
            call()

    InterruptibleQueue.listeners = ()
    InterruptibleQueue.put_nowait = put_nowait
    FifoQueue.requeue_inflight_messages = _requeue_inflight_messages


def _requeue_inflight_messages(queue: FifoQueue) -> None:
    """Messages whose visibility timeout is over come back, unless an earlier one of their group is still in flight.

    In stock LocalStack an earlier one of any group holds them up.
    """
    with queue.mutex:
        blocked = set()
        for message in list(queue.inflight):
            if message.message_group_id in blocked:
                continue
            if message.is_visible:
                del queue.inflight[message]
                queue._put_message(message)
            else:
                blocked.add(message.message_group_id)
