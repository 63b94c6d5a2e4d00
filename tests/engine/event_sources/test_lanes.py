"""The records of a shard are delivered by one thread at a time."""

import threading

from loadstack_engine.event_sources.streams.lanes import Lane
from loadstack_engine.event_sources.streams.records import StreamRecord


def _record(number):
    return StreamRecord(f"{number:021}", "key", 1000.0, 1000.0, {}, b"{}")


class Interrupted(Lane):
    """While its first thread is about to leave, because nothing waits, ``meanwhile`` happens."""

    meanwhile = None

    def _next(self):
        batch = super()._next()
        if batch is None and (meanwhile := self.meanwhile):
            self.meanwhile = None
            meanwhile()
        return batch


def test_record_that_comes_while_a_thread_leaves_is_delivered_by_the_next_one_alone():
    delivering, left, go_on = threading.Event(), threading.Event(), threading.Event()
    delivered = []

    def deliver(records, added):
        delivered.extend(records)
        if records == [_record(2)]:
            delivering.set()
            assert go_on.wait(60)

    def drained():
        if delivering.is_set():
            left.set()

    def second():
        lane.add([_record(2)])
        assert delivering.wait(60)

    lane = Interrupted(batch_size=1, window_s=0, deliver=deliver, drained=drained)
    lane.meanwhile = second
    lane.add([_record(1)])
    assert left.wait(60)

    assert not lane.is_idle

    go_on.set()
