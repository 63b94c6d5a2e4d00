"""How long a reader of a stream pauses between reads."""

import threading
import uuid
from types import SimpleNamespace

import pytest

from loadstack_engine.event_sources.streams import reader
from loadstack_engine.event_sources.streams.batches import Policy
from loadstack_engine.event_sources.streams.mapping import Mapping
from loadstack_engine.event_sources.streams.reader import Reader
from loadstack_engine.event_sources.streams.records import Page, ShardDescription, StreamRecord

BATCH = 10


class Stream:
    """One shard whose reads give so many records each; the reader is stopped after the last."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.reader = None

    def shards(self):
        return [ShardDescription("shard", (), False)]

    def iterator(self, shard_id, position):
        return "iterator"

    def read(self, shard_id, iterator, limit):
        count = self.pages.pop(0)
        if not self.pages:
            self.reader.stop()
        return Page([StreamRecord(str(n), "key", 0.0, 0.0, {}, b"{}") for n in range(count)], "iterator")

    def for_filters(self, record):
        return record.record

    def close(self):
        pass


@pytest.fixture
def pauses(monkeypatch):
    """The pauses after each read of so many records, for a mapping with this window; no time passes."""
    waited = []

    class Event(threading.Event):
        def wait(self, timeout=None):
            waited.append(timeout)
            return True

    monkeypatch.setattr(reader, "THREADS", SimpleNamespace(run=lambda call: call()))
    monkeypatch.setattr(reader.threading, "Event", Event)

    def run(window_s, *pages):
        nothing = SimpleNamespace(match=lambda record: False)
        arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/now"
        oldest = {"ShardIteratorType": "TRIM_HORIZON"}
        mapping = Mapping(uuid.uuid4().hex, "function", arn, oldest, BATCH, window_s, 1, False, Policy(), None, nothing)
        stream = Stream(*pages)
        stream.reader = Reader(mapping, lambda: stream, lambda: None)
        stream.reader.start()
        stream.reader.forget()
        return [round(each, 3) for each in waited]

    return run


def test_shard_that_gives_something_is_read_again_at_once_without_a_window(pauses):
    assert pauses(0, 1, BATCH, 1, 0) == [0.03]


def test_records_may_gather_where_a_batch_waits_anyway(pauses):
    assert pauses(1, 1, 1, 1) == [0.1, 0.1, 0.1]


def test_shard_that_gives_all_it_may_is_read_again_at_once(pauses):
    assert pauses(1, BATCH, BATCH, 1) == [0.1]


@pytest.mark.parametrize(("window_s", "longest"), [(0, 0.15), (0.2, 0.15), (1, 0.5), (300, 0.5)])
def test_idle_shard_is_read_less_and_less_often(pauses, window_s, longest):
    waited = pauses(window_s, *[0] * 20)
    assert waited == sorted(waited)
    assert waited[-1] == longest
