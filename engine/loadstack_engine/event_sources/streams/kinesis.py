"""Kinesis streams as kinesis-mock serves them, read without LocalStack between."""

import base64
from datetime import UTC, datetime
from typing import Any

from localstack.utils.aws.arns import parse_arn
from localstack.utils.aws.request_context import mock_aws_request_headers

from loadstack_engine.event_sources.events import encoded
from loadstack_engine.event_sources.filters import parsed
from loadstack_engine.event_sources.streams.records import Page, Position, ShardDescription, StreamRecord
from loadstack_engine.event_sources.streams.wire import Wire
from loadstack_engine.in_process import provider_of

_MOST_A_READ = 10_000


class KinesisStream:
    """See ``records.Stream``; ``role`` is the function's, which the event names."""

    def __init__(self, arn: str, role: str) -> None:
        stream = parse_arn(arn)
        self._arn = arn
        self._region = stream["region"]
        self._role = role
        headers = mock_aws_request_headers("kinesis", stream["account"], stream["region"])

        def address() -> tuple[str, int]:
            server = provider_of("kinesis").server_manager.get_server_for_account(stream["account"])
            return "127.0.0.1", server.port

        self._wire = Wire(address, "Kinesis_20131202", headers)

    def shards(self) -> list[ShardDescription]:
        found: list[ShardDescription] = []
        request: dict[str, str] = {"StreamARN": self._arn}
        while True:
            answer = self._wire.call("ListShards", **request)
            for shard in answer["Shards"]:
                parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
                is_closed = bool(shard["SequenceNumberRange"].get("EndingSequenceNumber"))
                found.append(ShardDescription(shard["ShardId"], tuple(filter(None, parents)), is_closed))
            if not answer.get("NextToken"):
                return found
            request = {"NextToken": answer["NextToken"]}

    def iterator(self, shard_id: str, position: Position) -> str:
        return str(
            self._wire.call("GetShardIterator", StreamARN=self._arn, ShardId=shard_id, **position)["ShardIterator"]
        )

    def read(self, shard_id: str, iterator: str, limit: int) -> Page:
        answer = self._wire.call(
            "GetRecords", StreamARN=self._arn, ShardIterator=iterator, Limit=min(limit, _MOST_A_READ)
        )
        records = [self._record(shard_id, each) for each in answer["Records"]]
        return Page(records, answer.get("NextShardIterator"))

    def for_filters(self, record: StreamRecord) -> dict[str, Any]:
        """A pattern's ``data`` is about the record's data, decoded, and parsed where it is JSON."""
        data = parsed(base64.b64decode(record.record["kinesis"]["data"]))
        if isinstance(data, bytes):
            data = data.decode(errors="replace")
        return {**record.record, **record.record["kinesis"], "data": data}

    def batch_info(self, first: StreamRecord, last: StreamRecord) -> tuple[str, dict[str, str]]:
        return "KinesisBatchInfo", {
            "approximateArrivalOfFirstRecord": _timestamp(first),
            "approximateArrivalOfLastRecord": _timestamp(last),
        }

    def close(self) -> None:
        self._wire.close()

    def _record(self, shard_id: str, content: dict[str, Any]) -> StreamRecord:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"""
        created = float(content["ApproximateArrivalTimestamp"])
        record = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": content["PartitionKey"],
                "sequenceNumber": content["SequenceNumber"],
                "data": content["Data"],
                "approximateArrivalTimestamp": created,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard_id}:{content['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self._role,
            "awsRegion": self._region,
            "eventSourceARN": self._arn,
        }
        return StreamRecord(
            sequence_number=content["SequenceNumber"],
            key=content["PartitionKey"],
            created=created,
            born=created,
            record=record,
            encoded=encoded(record),
        )


def _timestamp(record: StreamRecord) -> str:
    return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
