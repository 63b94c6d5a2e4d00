"""Handing a batch to its function, and what becomes of its messages."""

import logging
import random
import time
from dataclasses import dataclass
from typing import Protocol

from localstack.aws.api.lambda_ import (
    ResourceConflictException,
    ResourceNotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.sqs.models import FifoQueue, SqsQueue

from loadstack_engine.event_sources import answers, events
from loadstack_engine.event_sources.sqs import queues, records
from loadstack_engine.event_sources.sqs.mapping import Mapping
from loadstack_engine.event_sources.sqs.queues import Received
from loadstack_engine.in_process import invoke_function

LOG = logging.getLogger(__name__)

# No concurrency left, no such function (yet, or any more), not active, replaced meanwhile: it was not invoked.
_NOT_INVOKED = (TooManyRequestsException, ResourceNotFoundException, ResourceConflictException, ServiceException)
_FIRST_RETRY_S = 0.05
_LAST_RETRY_S = 1.0


@dataclass(frozen=True)
class Item:
    """A message, and its record of the event as JSON."""

    received: Received
    record: bytes


class Room(Protocol):
    """What a delivery needs of who started it."""

    def is_stopped(self) -> bool:
        """Whether nothing is to be delivered any more."""

    def wait(self, seconds: float) -> bool:
        """Hold a batch that was not let through; returns early when there may be room, and whether to deliver still."""

    def function_failed(self) -> None: ...


class Delivery:
    """Delivers the batches of one mapping."""

    def __init__(self, mapping: Mapping, room: Room) -> None:
        self._mapping = mapping
        self._room = room
        self._told: str | None = None

    def prepare(self, queue: SqsQueue, batch: list[Received]) -> list[Item]:
        """The records of a batch; messages that no filter lets through are deleted, as on AWS."""
        items, dropped = [], []
        for each in batch:
            record = records.record_of(each.message, each.receipt_handle, queue.arn, self._mapping.region)
            if self._mapping.filters and not self._mapping.filters.match(records.for_filters(record)):
                dropped.append(each)
            else:
                items.append(Item(each, events.encoded(record)))
        if dropped:
            queues.delete(queue, dropped)
        return items

    def deliver(self, queue: SqsQueue, items: list[Item]) -> None:
        """Invoke the function, once for each 6 MB; of a FIFO group nothing that comes after a failure.

        What was purged since it was received is left out.
        """
        items = [item for item in items if queues.holds(queue, item.received)]
        while items:
            count = events.fitting([len(item.record) for item in items])
            now, items = items[:count], items[count:]
            succeeded = self._invoke(queue, [item.received for item in now], [item.record for item in now])
            if not succeeded and isinstance(queue, FifoQueue):
                queues.give_back(queue, [item.received for item in items])
                return

    def _invoke(self, queue: SqsQueue, batch: list[Received], encoded: list[bytes]) -> bool:
        """Whether all of the batch was processed; what was not stays in flight until its visibility timeout is over."""
        event = events.event_of(encoded)
        held_until = min(each.held_until for each in batch)
        attempt = 0
        while not self._room.is_stopped():
            if not any(queues.holds(queue, each) for each in batch):
                return False  # purged while it waited
            try:
                result = invoke_function(self._mapping.function_arn, event)
            except _NOT_INVOKED as error:
                self._tell(error)
                if not self._wait(attempt, held_until):
                    break
                attempt += 1
            except Exception as error:
                LOG.warning("A batch of %s was not processed: %s", queue.arn, error)
                return False
            else:
                self._told = None
                return result is not None and self._settle(queue, batch, result)
        queues.give_back(queue, batch)
        return False

    def _settle(self, queue: SqsQueue, batch: list[Received], result: InvocationResult) -> bool:
        if result.is_error:
            if not self._mapping.partial:  # with it, polling does not scale down on errors
                self._room.function_failed()
            return False
        failed: set[str] = set()
        if self._mapping.partial:
            try:
                failed = answers.failed_items(result.payload, {each.message.message_id for each in batch})
            except answers.MalformedAnswerError as error:
                LOG.warning("A batch of %s failed as a whole: %s", queue.arn, error)
                return False
        queues.delete(queue, [each for each in batch if each.message.message_id not in failed])
        return not failed

    def _wait(self, attempt: int, held_until: float) -> bool:
        """Whether to try again with the same batch: until shortly before its visibility timeout is over.

        AWS drops a throttled batch when that is over, and so counts a receive that never was; here it is given back.
        """
        delay = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2**attempt) * random.uniform(0.5, 1)
        left = held_until - time.time()
        return self._room.wait(max(_FIRST_RETRY_S, min(delay, left))) and time.time() < held_until

    def _tell(self, error: Exception) -> None:
        """Once until a batch is let through again; throttles are counted elsewhere."""
        code = type(error).__name__
        if code != self._told and not isinstance(error, TooManyRequestsException):
            LOG.warning(
                "Batches of %s wait: %s cannot be invoked: %s",
                self._mapping.queue_arn,
                self._mapping.function_arn,
                error,
            )
        self._told = code
