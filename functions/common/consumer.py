"""Consuming events of the bus from an SQS queue, each record on its own.

A record that fails is reported to SQS and comes again; after three times it lies in the dead-letter queue.
The others of its batch are done. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from common.events import OrderEvent
from common.log import logger
from common.model import Model
from common.trail import Invocation, follow, leg

type Reaction = Callable[[OrderEvent], object]

_RECORD_KEYS = ("message_id", "correlation_id", "order_id", "customer_id", "event_type", "replay")


class Envelope[D: Model](Model):
    """What EventBridge puts around a detail of ours."""

    detail_type: str = Field(alias="detail-type")
    detail: D
    replay_name: str | None = Field(default=None, alias="replay-name")

    def tell_replay(self) -> None:
        """Log that a replay sent the event: by these lines one can count what it has sent."""
        if self.replay_name is not None:
            logger.append_keys(replay=self.replay_name)
            logger.info("replayed")


class BusEnvelope(Envelope[OrderEvent]):
    """An event of an order."""


def consume(
    event: dict[str, Any], context: LambdaContext, record_handler: Callable[[SQSRecord], None]
) -> PartialItemFailureResponse:
    """Run `record_handler` on every record of an SQS `event`; answer which of them failed.

    When all fail the answer lists them all rather than raise: the same for SQS, and not a crash in the
    metrics. An empty batch, which SQS never sends and a warm-up does, is done with at once: Powertools refuses it.
    """
    if not event["Records"]:
        return {"batchItemFailures": []}

    invocation = Invocation.of(context)

    def logged(record: SQSRecord) -> None:
        logger.append_keys(message_id=record.message_id)
        with invocation.serving_record(record["attributes"]):
            try:
                record_handler(record)
                logger.info("record done", leg=leg())
            except Exception:
                # Here rather than by the processor, which logs when the record's own keys are gone.
                logger.exception("the record failed and will come again", leg=leg())
                raise
            finally:
                logger.remove_keys(_RECORD_KEYS)

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, logged, processor, context)


def log_keys(correlation_id: str, order_id: str, event_type: str) -> None:
    """Put what the record at hand is about on every log line until the next record."""
    logger.append_keys(correlation_id=correlation_id, order_id=order_id, event_type=event_type)


def on_bus_events(reactions: Mapping[str, Reaction]) -> Callable[[SQSRecord], None]:
    """A record handler that gives each event to the reaction for its detail-type.

    A detail-type without one is logged and done with. Raises what the reaction raises, and pydantic's
    ValidationError for a record that is no event of ours.
    """

    def handle(record: SQSRecord) -> None:
        envelope = BusEnvelope.model_validate_json(record.body)
        metadata, data = envelope.detail.metadata, envelope.detail.data
        log_keys(metadata.correlation_id, data.order_id, envelope.detail_type)
        envelope.tell_replay()
        reaction = reactions.get(envelope.detail_type)
        if reaction is None:
            logger.warning("no reaction to this type of event")
            return
        follow(envelope.detail.trail)
        reaction(envelope.detail.without_trail())

    return handle
