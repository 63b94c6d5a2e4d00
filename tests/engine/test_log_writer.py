"""The writer of log lines, without LocalStack's server."""

import uuid
import weakref

import pytest
from localstack.services.logs.models import get_moto_logs_backend
from moto.logs.models import LogEvent

from loadstack_engine.log_writer import LogWriter, Stream, forget_dropped_lines
from loadstack_engine.output import now_ms


@pytest.fixture
def stream():
    return Stream("000000000000", "us-east-1", f"/test/{uuid.uuid4().hex}", "one")


def _lines(stream):
    backend = get_moto_logs_backend(stream.account, stream.region)
    return [event.message for event in backend.groups[stream.group].streams[stream.name].events]


def test_lines_are_written_in_order(stream):
    writer = LogWriter(kept=100)
    for number in range(5):
        writer.add(stream, [(now_ms(), f"{number}a"), (now_ms(), f"{number}b")])

    writer.flush()

    assert _lines(stream) == [f"{number}{letter}" for number in range(5) for letter in "ab"]


def test_line_from_before_the_last_one_costs_no_other(stream):
    writer, now = LogWriter(kept=100), now_ms()
    writer.add(stream, [(now, "a"), (now, "b")])
    writer.add(stream, [(now + 2, "d"), (now + 1, "c")])

    writer.flush()

    assert _lines(stream) == ["a", "b", "c", "d"]


def test_newest_lines_are_kept_and_the_others_freed(stream, monkeypatch):
    monkeypatch.setattr(LogEvent, "__new__", LogEvent.__new__)  # back to it afterwards
    forget_dropped_lines()
    writer, other = LogWriter(kept=10), stream._replace(name="two")
    writer.add(stream, [(now_ms(), "oldest")])
    writer.flush()
    (oldest,) = get_moto_logs_backend(stream.account, stream.region).groups[stream.group].streams["one"].events
    freed = weakref.ref(oldest)
    del oldest

    for number in range(20):
        writer.add(other, [(now_ms(), str(number))])
        writer.flush()

    assert _lines(stream) == []
    assert _lines(other) == [str(number) for number in range(10, 20)]
    assert freed() is None
