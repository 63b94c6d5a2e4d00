"""What a stream's reader hands on."""

from dataclasses import dataclass
from typing import Any, Protocol

# ``ShardIteratorType`` and what belongs to it, in Kinesis's names.
Position = dict[str, Any]


@dataclass(frozen=True)
class StreamRecord:
    """A record of the event that the function gets.

    Attributes:
        key: what keeps its order with a parallelization factor: the partition key, the item's key.
        created: when it was written, as the stream tells it (seconds since the epoch).
        born: the same, for its age: never earlier than it can have been.
        encoded: ``record`` as JSON.
    """

    sequence_number: str
    key: str
    created: float
    born: float
    record: dict[str, Any]
    encoded: bytes


@dataclass(frozen=True)
class ShardDescription:
    shard_id: str
    parents: tuple[str, ...]
    is_closed: bool


@dataclass(frozen=True)
class Page:
    """One read: what it gave, and the iterator for the next; None when the shard is closed and read to its end."""

    records: list[StreamRecord]
    iterator: str | None


class Stream(Protocol):
    """A stream of one service. Its methods raise ``WireError`` and ``OSError``, as :mod:`.wire` has them."""

    def shards(self) -> list[ShardDescription]:
        """All that there are now, parents before their children."""

    def iterator(self, shard_id: str, position: Position) -> str: ...

    def read(self, shard_id: str, iterator: str, limit: int) -> Page: ...

    def for_filters(self, record: StreamRecord) -> dict[str, Any]:
        """What the patterns of a mapping see."""

    def batch_info(self, first: StreamRecord, last: StreamRecord) -> tuple[str, dict[str, str]]:
        """The name of the part of a failure's report that is about the batch, and what is the service's own in it."""

    def close(self) -> None: ...
