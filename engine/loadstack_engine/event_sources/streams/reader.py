"""Reads the shards of one stream for one mapping."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from loadstack_engine.event_sources.streams.mapping import Mapping
from loadstack_engine.event_sources.streams.records import Position, ShardDescription, Stream
from loadstack_engine.event_sources.streams.shard import Shard
from loadstack_engine.event_sources.streams.wire import WireError
from loadstack_engine.event_sources.threads import THREADS

LOG = logging.getLogger(__name__)

# Between two reads that give nothing: short after there was something, then longer. A read costs about 1 ms of
# processor time in DynamoDB Local and 0.3 ms here: 1 % of a processor for each idle shard.
_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.15
# Of a mapping with a batching window, whose batches wait anyway. AWS itself reads four times a second.
_SHORTEST_WITH_WINDOW_S = 0.1
_LONGEST_WITH_WINDOW_S = 0.5
_LONGEST_PAUSE_AFTER_ERRORS_S = 2.0
_PAUSE_WITHOUT_SHARDS_S = 1.0

# By mapping and shard: where to go on when the mapping was disabled or updated; None: the shard is not to be read.
_POSITIONS: dict[str, dict[str, Position | None]] = {}
_OLDEST: Position = {"ShardIteratorType": "TRIM_HORIZON"}


class Reader:
    """One thread reads all shards in turn; a shard whose lanes are full is left out.

    A shard is opened when all its parents have been read to their end and delivered. Which shards there are is asked
    at the start, while there are none, and whenever one ends. ``finished`` is called when nothing runs any more.
    """

    def __init__(self, mapping: Mapping, stream: Callable[[], Stream], finished: Callable[[], None]) -> None:
        self._mapping = mapping
        self._make_stream = stream
        self._finished = finished
        self._stopped = threading.Event()
        self._again = threading.Event()
        self._shards: dict[str, Shard] = {}
        self._known: list[ShardDescription] = []
        self._positions = _POSITIONS.setdefault(mapping.uuid, {})
        self._is_new = not self._positions
        self._shortest, self._longest = _pauses(mapping.window_s)
        self._pause = self._shortest
        self._looked_at = 0.0
        self._told: str | None = None

    def start(self) -> None:
        """Take the starting positions before anything else is written, then read on a thread of its own."""
        self._stream = self._make_stream()
        self._attempt(self._look)
        THREADS.run(self._run)

    def stop(self) -> None:
        self._stopped.set()
        for shard in list(self._shards.values()):
            shard.stop()
        self._again.set()

    def forget(self) -> None:
        """The mapping is deleted: what it has read is of no use."""
        _POSITIONS.pop(self._mapping.uuid, None)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._again.clear()
                if not self._attempt(self._read_all) or self._may_let_records_gather():
                    self._again.wait(self._pause)
            while not all(shard.is_idle for shard in self._shards.values()):
                self._again.clear()
                self._again.wait(_LONGEST_PAUSE_S)
        finally:
            self._stream.close()
            self._finished()

    def _attempt(self, call: Callable[[], bool]) -> bool:
        """Whether there was something; sets the pause until the next attempt."""
        try:
            found = call()
        except (WireError, OSError) as error:
            self._tell(error)
            self._pause = min(_LONGEST_PAUSE_AFTER_ERRORS_S, self._pause * 2)
            return False
        self._told = None
        self._pause = self._shortest if found else min(self._longest, self._pause * 1.5)
        return found

    def _may_let_records_gather(self) -> bool:
        """Else a shard that is written to is read without a pause, for one record at a time."""
        return bool(self._mapping.window_s) and not any(shard.has_more for shard in self._shards.values())

    def _read_all(self) -> bool:
        open_shards = [shard for shard in self._shards.values() if not shard.is_exhausted]
        found = [shard.read() for shard in open_shards if shard.has_room]
        has_none = not open_shards and time.monotonic() - self._looked_at > _PAUSE_WITHOUT_SHARDS_S
        if has_none or any(shard.is_exhausted for shard in open_shards):
            self._look()
        self._open_ready()
        return any(found)

    def _look(self) -> bool:
        self._looked_at = time.monotonic()
        self._known = self._stream.shards()
        self._open_ready()
        self._is_new = self._is_new and not self._known
        return bool(self._known)

    def _open_ready(self) -> None:
        for description in self._known:
            shard_id = description.shard_id
            if shard_id in self._shards or not all(self._is_done(parent) for parent in description.parents):
                continue
            position = self._positions.setdefault(shard_id, self._start_of(description))
            if position is not None:
                advance = partial(self._advance, shard_id)
                shard = Shard(description, self._mapping, self._stream, self._stopped, advance, self._again.set)
                shard.open(position)
                self._shards[shard_id] = shard

    def _start_of(self, description: ShardDescription) -> Position | None:
        """Of a shard that this mapping has not seen: one that came later is read from its beginning."""
        if not self._is_new:
            return _OLDEST
        is_over = description.is_closed and self._mapping.position["ShardIteratorType"] == "LATEST"
        return None if is_over else self._mapping.position

    def _is_done(self, shard_id: str) -> bool:
        """Also of a parent that is not known: its records are too old to be had."""
        if shard := self._shards.get(shard_id):
            return shard.is_exhausted and shard.is_idle
        is_known = any(shard_id == description.shard_id for description in self._known)
        return not is_known or (shard_id in self._positions and self._positions[shard_id] is None)

    def _advance(self, shard_id: str, sequence_number: str) -> None:
        self._positions[shard_id] = {
            "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
            "StartingSequenceNumber": sequence_number,
        }

    def _tell(self, error: Exception) -> None:
        if str(error) != self._told:
            LOG.warning("The stream %s cannot be read: %s", self._mapping.stream_arn, error)
        self._told = str(error)


def _pauses(window_s: float) -> tuple[float, float]:
    """The shortest and the longest pause between two reads: a tenth and a half of the window, within bounds."""
    shortest = max(_SHORTEST_PAUSE_S, min(_SHORTEST_WITH_WINDOW_S, window_s / 10))
    return shortest, max(_LONGEST_PAUSE_S, min(_LONGEST_WITH_WINDOW_S, window_s / 2))
