"""One shard of a stream: where its reader is, and its lanes."""

import threading
import zlib
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from loadstack_engine.event_sources.streams import batches
from loadstack_engine.event_sources.streams.delivery import Delivery
from loadstack_engine.event_sources.streams.lanes import Lane
from loadstack_engine.event_sources.streams.mapping import Mapping
from loadstack_engine.event_sources.streams.records import Position, ShardDescription, Stream, StreamRecord
from loadstack_engine.event_sources.streams.wire import WireError

# The iterator is of no use any more: take another, after the last record read.
_ITERATOR_LOST = ("ExpiredIteratorException", "TrimmedDataAccessException", "ResourceNotFoundException")


class Shard:
    """Read by one thread; each lane delivers on its own (there are as many as the parallelization factor).

    ``checkpoint`` is told up to where all is done with. With several lanes that is known only when all are idle.
    """

    def __init__(
        self,
        description: ShardDescription,
        mapping: Mapping,
        stream: Stream,
        stopped: threading.Event,
        checkpoint: Callable[[str], None],
        drained: Callable[[], None],
    ) -> None:
        self.description = description
        self._mapping = mapping
        self._stream = stream
        self._checkpoint = checkpoint
        self._iterator: str | None = None
        self._last_read: str | None = None
        self._is_page_full = False
        self._reported: str | None = None
        done = checkpoint if mapping.lanes == 1 else (lambda _: None)
        delivery = partial(Delivery, mapping, stream, description.shard_id, stopped, done)
        deliver = lambda records, added: batches.process(records, mapping.policy, delivery(added))  # noqa: E731
        self._lanes = [Lane(mapping.batch_size, mapping.window_s, deliver, drained) for _ in range(mapping.lanes)]

    def open(self, position: Position) -> None:
        """
        Raises:
            WireError, OSError
        """
        try:
            self._iterator = self._stream.iterator(self.description.shard_id, position)
        except WireError as error:
            if error.code != "TrimmedDataAccessException":
                raise
            self._iterator = self._stream.iterator(self.description.shard_id, {"ShardIteratorType": "TRIM_HORIZON"})

    @property
    def is_exhausted(self) -> bool:
        """Closed, and read to its end."""
        return self._iterator is None

    @property
    def has_more(self) -> bool:
        """Whether the last read gave as much as it may."""
        return self._is_page_full

    @property
    def is_idle(self) -> bool:
        return all(lane.is_idle for lane in self._lanes)

    @property
    def has_room(self) -> bool:
        return all(lane.has_room for lane in self._lanes)

    def read(self) -> bool:
        """One read; whether it gave records, also such as no filter lets through.

        Raises:
            WireError, OSError
        """
        assert self._iterator is not None
        try:
            page = self._stream.read(self.description.shard_id, self._iterator, self._mapping.batch_size)
        except WireError as error:
            if error.code not in _ITERATOR_LOST:
                raise
            self.open(self._position_after_last_read())
            return False
        self._is_page_full = len(page.records) >= self._mapping.batch_size
        if page.records:
            self._hand_over(page.records)
        elif self._last_read != self._reported and self.is_idle:
            self._reported = self._last_read
            self._checkpoint(str(self._last_read))
        self._iterator = page.iterator
        return bool(page.records)

    def stop(self) -> None:
        for lane in self._lanes:
            lane.stop()

    def _hand_over(self, records: list[StreamRecord]) -> None:
        filters = self._mapping.filters
        by_lane: dict[Lane, list[StreamRecord]] = defaultdict(list)
        for record in records:
            if not filters or filters.match(self._stream.for_filters(record)):
                by_lane[self._lane(record)].append(record)
        for lane, theirs in by_lane.items():
            lane.add(theirs)
        self._last_read = records[-1].sequence_number

    def _lane(self, record: StreamRecord) -> Lane:
        return self._lanes[zlib.crc32(record.key.encode()) % len(self._lanes)]

    def _position_after_last_read(self) -> Position:
        if self._last_read is None:
            return {"ShardIteratorType": "TRIM_HORIZON"}
        return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self._last_read}
