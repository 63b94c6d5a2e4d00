"""What a dead letter of a stream mapping tells."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Positions:
    """Where in a stream `count` records lie, as Lambda tells it."""

    stream_arn: str
    shard_id: str
    first: str
    last: str
    count: int

    @property
    def table(self) -> str:
        return self.stream_arn.partition("table/")[2].partition("/")[0]


def positions_in(body: str) -> Positions | None:
    """What a dead letter of a stream mapping tells; None of anything else."""
    try:
        info = json.loads(body)["DDBStreamBatchInfo"]
        first, last = info["startSequenceNumber"], info["endSequenceNumber"]
        return Positions(info["streamArn"], info["shardId"], first, last, int(info["batchSize"]))
    except (ValueError, LookupError, TypeError):
        return None
