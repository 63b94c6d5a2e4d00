"""DynamoDB Streams as DynamoDB Local serves them, read without LocalStack between."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.dynamodb.v2.provider import DynamoDBProvider
from localstack.services.dynamodbstreams.dynamodbstreams_api import get_original_region
from localstack.utils.aws.arns import parse_arn
from localstack.utils.aws.request_context import mock_aws_request_headers

from loadstack_engine.event_sources.events import encoded
from loadstack_engine.event_sources.streams.records import Page, Position, ShardDescription, StreamRecord
from loadstack_engine.event_sources.streams.wire import Wire
from loadstack_engine.in_process import context_of, provider_of

_MOST_A_READ = 1000
# DynamoDB Local tells when a record was written to the minute.
_CREATION_ROUNDED_S = 60


class DynamoDbStream:
    """See ``records.Stream``."""

    def __init__(self, arn: str) -> None:
        parsed = parse_arn(arn)
        self._arn = arn
        self._region = parsed["region"]
        self._local_arn = f"arn:aws:dynamodb:ddblocal:000000000000:{parsed['resource']}"
        self._wire = Wire(_address, "DynamoDBStreams_20120810", _headers(arn, parsed["account"], parsed["region"]))

    def shards(self) -> list[ShardDescription]:
        found: list[ShardDescription] = []
        start: dict[str, str] = {}
        while True:
            answer = self._wire.call("DescribeStream", StreamArn=self._local_arn, **start)["StreamDescription"]
            for shard in answer.get("Shards", []):
                parents = (shard["ParentShardId"],) if shard.get("ParentShardId") else ()
                is_closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
                found.append(ShardDescription(shard["ShardId"], parents, is_closed))
            if not answer.get("LastEvaluatedShardId"):
                return found
            start = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}

    def iterator(self, shard_id: str, position: Position) -> str:
        answer = self._wire.call("GetShardIterator", StreamArn=self._local_arn, ShardId=shard_id, **_position(position))
        return str(answer["ShardIterator"])

    def read(self, shard_id: str, iterator: str, limit: int) -> Page:
        answer = self._wire.call("GetRecords", ShardIterator=iterator, Limit=min(limit, _MOST_A_READ))
        now = time.time()
        records = [self._record(each, now) for each in answer.get("Records", [])]
        return Page(records, answer.get("NextShardIterator"))

    def for_filters(self, record: StreamRecord) -> dict[str, Any]:
        return record.record

    def batch_info(self, first: StreamRecord, last: StreamRecord) -> tuple[str, dict[str, str]]:
        return "DDBStreamBatchInfo", {
            "approximateArrivalOfFirstRecord": _timestamp(first),
            "approximateArrivalOfLastRecord": _timestamp(last),
        }

    def close(self) -> None:
        self._wire.close()

    def _record(self, content: dict[str, Any], now: float) -> StreamRecord:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""
        change = content["dynamodb"]
        created = float(change.get("ApproximateCreationDateTime", now))
        record = {**content, "awsRegion": self._region, "eventSourceARN": self._arn}
        if identity := content.get("userIdentity"):  # of deletions by time to live
            record["userIdentity"] = {name[0].lower() + name[1:]: value for name, value in identity.items()}
        return StreamRecord(
            sequence_number=change["SequenceNumber"],
            key=json.dumps(change["Keys"], sort_keys=True),
            created=created,
            born=min(now, created + _CREATION_ROUNDED_S),
            record=record,
            encoded=encoded(record),
        )


def _position(position: Position) -> Position:
    renamed = {"StartingSequenceNumber": "SequenceNumber"}
    return {renamed.get(name, name): value for name, value in position.items()}


def _timestamp(record: StreamRecord) -> str:
    return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _address() -> tuple[str, int]:
    server = DynamodbServer.get()
    return server.host, server.port


def _headers(arn: str, account_id: str, region: str) -> dict[str, str]:
    provider_of("dynamodbstreams")  # which starts DynamoDB Local
    original = get_original_region(context=context_of(account_id, region), stream_arn=arn)
    headers = mock_aws_request_headers("dynamodb", account_id, region)
    DynamoDBProvider.prepare_request_headers(headers, account_id=account_id, region_name=original or region)
    return headers
