"""Handing a batch of a shard to its function."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult

from loadstack_engine.cloudwatch_metrics.lambda_metrics import METRICS
from loadstack_engine.epoch import EPOCH
from loadstack_engine.event_sources import answers
from loadstack_engine.event_sources.events import event_of
from loadstack_engine.event_sources.streams import destinations
from loadstack_engine.event_sources.streams.batches import Answer, NotInvokedError
from loadstack_engine.event_sources.streams.mapping import Mapping
from loadstack_engine.event_sources.streams.records import Stream, StreamRecord
from loadstack_engine.in_process import invoke_function

LOG = logging.getLogger(__name__)


class Delivery:
    """The ``batches.Surroundings`` of one batch of a shard; ``added`` is when it came (monotonic clock)."""

    def __init__(
        self,
        mapping: Mapping,
        stream: Stream,
        shard_id: str,
        stopped: threading.Event,
        done: Callable[[str], None],
        added: float,
    ) -> None:
        self._mapping = mapping
        self._stream = stream
        self._shard_id = shard_id
        self._stopped = stopped
        self._done = done
        self._added = added
        self._told: str | None = None

    def invoke(self, records: list[StreamRecord]) -> Answer:
        METRICS.iterator_age(self._mapping.function_arn, max(0.0, self.now() - records[-1].born) * 1000)
        event = event_of([record.encoded for record in records])
        try:
            result = invoke_function(self._mapping.function_arn, event)
        except Exception as error:  # throttled; no such function; no process could be started: never lost for that
            self._tell(error)
            raise NotInvokedError from error
        self._told = None
        if result is None or result.is_error:
            return Answer(0, whole=True, report=result and self._response(result, "Unhandled"))
        return self._judge(result, records) if self._mapping.partial else Answer()

    def _judge(self, result: InvocationResult, records: list[StreamRecord]) -> Answer:
        order = {record.sequence_number: index for index, record in enumerate(records)}
        try:
            failed = answers.failed_items(result.payload, set(order))
        except answers.MalformedAnswerError as error:
            LOG.warning("A batch of %s failed as a whole: %s", self._mapping.stream_arn, error)
            return Answer(0, whole=True, report=self._response(result))
        # "Lambda uses the lowest sequence number as the checkpoint"
        first = min((order[number] for number in failed), default=None)
        return Answer(first, report=self._response(result) if failed else None)

    def done(self, last: StreamRecord) -> None:
        self._done(last.sequence_number)

    def discard(
        self, condition: str, records: list[StreamRecord], invocations: int, report: dict[str, Any] | None
    ) -> None:
        report = report or {}
        context = {
            "requestContext": {
                "requestId": report.get("requestId"),
                "functionArn": self._mapping.function_arn,
                "condition": condition,
                "approximateInvokeCount": invocations,
            },
            "responseContext": report.get("responseContext"),
        }
        content = destinations.report(self._mapping, self._stream, self._shard_id, records, context)
        destinations.send(self._mapping, content, self._shard_id, records)

    def wait(self, seconds: float) -> bool:
        """Not after a reset either: the batch is void."""
        return not self._stopped.wait(seconds) and not EPOCH.is_over_for(self._added)

    def now(self) -> float:
        return time.time()

    def _response(self, result: InvocationResult, function_error: str | None = None) -> dict[str, Any]:
        error = {"functionError": function_error} if function_error else {}
        return {
            "requestId": result.request_id,
            "responseContext": {"statusCode": 200, "executedVersion": result.executed_version, **error},
        }

    def _tell(self, error: Exception) -> None:
        code = type(error).__name__
        if code != self._told and not isinstance(error, TooManyRequestsException):
            LOG.warning(
                "Batches of %s wait: %s cannot be invoked: %s",
                self._mapping.stream_arn,
                self._mapping.function_arn,
                error,
            )
        self._told = code
