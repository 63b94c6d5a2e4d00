"""Reports of discarded batches: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"""

import json
import logging
import uuid
from datetime import UTC, datetime
from typing import Any

from localstack.services.lambda_.event_source_mapping.pipe_utils import get_internal_client
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import get_queue_url
from localstack.utils.aws.arns import parse_arn, s3_bucket_name

from loadstack_engine.event_sources.streams.mapping import Mapping
from loadstack_engine.event_sources.streams.records import Stream, StreamRecord

LOG = logging.getLogger(__name__)


def report(
    mapping: Mapping,
    stream: Stream,
    shard_id: str,
    records: list[StreamRecord],
    context: dict[str, Any],
) -> dict[str, Any]:
    """What the destination gets about the records; ``context`` says why and how the function answered last."""
    first, last = records[0], records[-1]
    name, info = stream.batch_info(first, last)
    return {
        **context,
        "version": "1.0",
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        name: {
            "shardId": shard_id,
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            **info,
            "batchSize": len(records),
            "streamArn": mapping.stream_arn,
        },
    }


def send(mapping: Mapping, content: dict[str, Any], shard_id: str, records: list[StreamRecord]) -> None:
    """To the queue, topic or bucket; a bucket gets the records too. A destination that fails is told in the log."""
    arn = mapping.destination
    if not arn:
        return
    service = parse_arn(arn)["service"]
    try:
        client = get_internal_client(arn)
        if service == "sqs":
            client.send_message(QueueUrl=get_queue_url(arn), MessageBody=json.dumps(content))
        elif service == "sns":
            client.publish(TopicArn=arn, Message=json.dumps(content))
        elif service == "s3":
            body = {**content, "payload": {"Records": [record.record for record in records]}}
            key = _object_key(mapping.uuid, shard_id)
            client.put_object(Bucket=s3_bucket_name(arn), Key=key, Body=json.dumps(body))
        else:
            LOG.warning("%s is no destination for discarded records", arn)
    except Exception as error:
        LOG.warning("Discarded records of %s could not be reported to %s: %s", mapping.stream_arn, arn, error)


def _object_key(mapping_id: str, shard_id: str) -> str:
    now = datetime.now(UTC)
    return f"aws/lambda/{mapping_id}/{shard_id}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
