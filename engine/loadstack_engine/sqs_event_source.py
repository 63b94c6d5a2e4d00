"""SQS event source mappings that long-poll, with several batches in work at once.

LocalStack's own poller handles one batch at a time, waits a second between two, and backs off to ten when the queue
is empty. AWS long-polls and starts with five concurrent batches of a standard queue:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localstack.services.lambda_.event_source_mapping.esm_worker import EsmWorker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory
from localstack.services.lambda_.event_source_mapping.event_processor import PartialBatchFailureError
from localstack.services.lambda_.event_source_mapping.pollers.poller import parse_batch_item_failures
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller, transform_into_events

LOG = logging.getLogger(__name__)

_INITIAL_CONCURRENCY = 5
# One receive waits this long at the most, and so does a mapping that is to stop while its queue is empty; with a
# batching window, that window.
_LONG_POLL_S = 2
_MESSAGES_A_RECEIVE = 10


class ConcurrentSqsPoller:
    """What an ``EsmWorker`` polls: receives on the worker's thread, hands each batch to a thread of its own.

    No more than ``concurrency`` batches are in work: past it nothing is received, and the backlog stays in the queue.
    """

    def __init__(self, poller: SqsPoller, stopped: threading.Event, concurrency: int) -> None:
        self._poller = poller
        self._stopped = stopped
        self._free = threading.BoundedSemaphore(concurrency)
        self._handlers = ThreadPoolExecutor(concurrency, thread_name_prefix="sqs-batch")

    def poll_events(self) -> None:
        """Work until the mapping is stopped.

        Raises whatever a receive raises (the queue is gone, say): the worker backs off and calls again.
        """
        while not self._stopped.is_set():
            if not self._free.acquire(timeout=_LONG_POLL_S):
                continue
            submitted = False
            try:
                if messages := self._receive():
                    self._handlers.submit(self._handle, messages)
                    submitted = True
            finally:
                if not submitted:
                    self._free.release()

    def close(self) -> None:
        """Wait for the batches in work, as AWS does when a mapping is disabled."""
        self._handlers.shutdown()

    def _receive(self) -> list[dict[str, Any]]:
        """One batch; empty when nothing came, or when the mapping was stopped meanwhile (the messages go back)."""
        poller = self._poller
        window = poller.maximum_batching_window
        response = poller.source_client.receive_message(
            QueueUrl=poller.queue_url,
            MaxNumberOfMessages=min(poller.batch_size, _MESSAGES_A_RECEIVE),
            WaitTimeSeconds=min(window or _LONG_POLL_S, 20),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            sqs_override_max_message_count=poller.batch_size,
            sqs_override_wait_time_seconds=window,
        )
        messages: list[dict[str, Any]] = response.get("Messages", [])
        if messages and self._stopped.is_set():
            self._give_back(messages)
            return []
        return messages

    def _give_back(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            self._poller.source_client.change_message_visibility(
                QueueUrl=self._poller.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            if self._poller.filter_patterns or self._poller.is_fifo_queue:
                self._handle_as_localstack(messages)
            else:
                self._invoke(messages)
        except Exception as error:  # the messages stay in the queue and come again after the visibility timeout
            LOG.warning("A batch of %s was not processed: %s", self._poller.source_arn, error)
        finally:
            self._free.release()

    def _handle_as_localstack(self, messages: list[dict[str, Any]]) -> None:
        """Filters and message groups; a FIFO queue gives no two batches with the same group at once."""
        groups: dict[str | None, list[dict[str, Any]]] = {}
        for message in messages:
            groups.setdefault(message["Attributes"].get("MessageGroupId"), []).append(message)
        for group in groups.values():
            self._poller.handle_messages(group)

    def _invoke(self, messages: list[dict[str, Any]]) -> None:
        events = self._poller.add_source_metadata(transform_into_events(messages))
        done = {message["MessageId"] for message in messages}
        try:
            self._poller.processor.process_events_batch(events)
        except PartialBatchFailureError as failure:
            done -= set(parse_batch_item_failures(failure.partial_failure_payload, done))
        self._poller.delete_messages(messages, done)


def use() -> None:
    """Give every SQS mapping that is created or updated from now on this poller."""
    original = EsmWorkerFactory.get_esm_worker

    def get_esm_worker(factory: EsmWorkerFactory) -> EsmWorker:
        worker = original(factory)
        if isinstance(worker.poller, SqsPoller):
            scaling = worker.esm_config.get("ScalingConfig") or {}
            concurrency = min(scaling.get("MaximumConcurrency", _INITIAL_CONCURRENCY), _INITIAL_CONCURRENCY)
            worker.poller = ConcurrentSqsPoller(worker.poller, worker._shutdown_event, concurrency)
        return worker

    EsmWorkerFactory.get_esm_worker = get_esm_worker
