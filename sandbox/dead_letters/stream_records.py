"""Dead letters of stream mappings: each tells where in a stream records lie that failed, and not what they said.

The stream keeps them for 24 hours. So they are read there again, and given to the function, all between the first and
the last, also those that the mapping's filters would have left out: a consumer of a stream ignores what is not for it.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from bootstrap.clients import Clients
from sandbox.dead_letters.errors import RedriveError
from sandbox.dead_letters.homes import Home
from sandbox.dead_letters.messages import Message
from sandbox.dead_letters.positions import positions_in

# What is past its time, of a stream that is no more, or from before the shard begins.
_GONE = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException", "ValidationException"})
# AWS may answer with empty pages before the end.
_MOST_PAGES = 100


def send_again(clients: Clients, home: Home, message: Message) -> None:
    """Give the records that `message` tells of to the function.

    Raises:
        RedriveError: they are gone, or fail again.
    """
    for records in _read(clients, home, message.body):
        _invoke(clients, home, records)


def _read(clients: Clients, home: Home, body: str) -> Iterator[list[dict[str, Any]]]:
    """The records that a dead letter is about, in order, some at a time, as Lambda gives them to a function."""
    where = positions_in(body)
    if where is None:
        raise RedriveError(f"{home.queue}: a message does not tell of records of a stream: it stays where it lies.")
    streams = clients.dynamodbstreams
    try:
        iterator: str | None = streams.get_shard_iterator(
            StreamArn=where.stream_arn,
            ShardId=where.shard_id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=where.first,
        )["ShardIterator"]
        pages = 0
        while iterator and pages < _MOST_PAGES:
            answer = streams.get_records(ShardIterator=iterator)
            iterator, pages = answer.get("NextShardIterator"), pages + 1
            wanted = [each for each in answer["Records"] if _number(each) <= int(where.last)]
            if wanted:
                yield [{**each, "eventSourceARN": where.stream_arn} for each in wanted]
            if wanted and _number(wanted[-1]) == int(where.last):
                return
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
    raise RedriveError(
        f"{home.queue}: records that a message tells of are gone, as a stream keeps them for 24 hours: it stays there."
    )


def _invoke(clients: Clients, home: Home, records: Sequence[Mapping[str, Any]]) -> None:
    payload = json.dumps({"Records": records}, default=_encoded).encode()
    answer = clients.lambda_.invoke(FunctionName=home.function or "", Payload=payload)
    told = json.loads(answer["Payload"].read() or b"null") or {}
    if answer.get("FunctionError"):
        raise RedriveError(f"{home.queue}: {home.function} failed again, with {told.get('errorMessage') or told}.")
    if failed := told.get("batchItemFailures"):
        raise RedriveError(
            f"{home.queue}: {home.function} failed again, from record {failed[0].get('itemIdentifier')} on:"
            f" make logs FUNCTION={home.function} tells why."
        )


def _number(record: Mapping[str, Any]) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _encoded(value: Any) -> Any:
    """Times as seconds and binary as base64, as in a function's event."""
    return value.timestamp() if isinstance(value, datetime) else base64.b64encode(value).decode()
