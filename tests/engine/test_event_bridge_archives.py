"""Archives and replays."""

import random
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from botocore.exceptions import ClientError
from localstack.services.events.models import Archive
from localstack.services.events.replay import ReplayService

from loadstack_engine.event_bridge.archives import shelf_of
from loadstack_engine.event_bridge.replaying import run_replay
from loadstack_engine.event_bridge.shelf import Shelf
from tests.engine.messaging import unique
from tests.waiting import until

HOUR = timedelta(hours=1)


@pytest.fixture
def archive(aws, bus):
    client = aws("events")
    created = []

    def create(**arguments):
        name = unique("archive")
        arn = client.create_archive(ArchiveName=name, EventSourceArn=bus.arn, **arguments)["ArchiveArn"]
        created.append(name)
        return name, arn

    yield create
    for name in created:
        client.delete_archive(ArchiveName=name)


@pytest.fixture
def replay(aws, bus):
    def start(archive_arn, start=None, end=None, **destination):
        now = datetime.now(UTC)
        name = unique("replay")
        answer = aws("events").start_replay(
            ReplayName=name,
            EventSourceArn=archive_arn,
            EventStartTime=start or now - HOUR,
            EventEndTime=end or now + HOUR,
            Destination={"Arn": bus.arn, **destination},
        )
        assert answer["State"] == "STARTING"
        until(lambda: aws("events").describe_replay(ReplayName=name)["State"] == "COMPLETED")
        return name

    return start


def test_archived_events_are_sent_again_with_the_replays_name(aws, bus, queue, archive, replay):
    _, arn = archive()
    bus.rule({"Arn": queue.arn})
    bus.put({"number": 1}, {"number": 2})
    first = queue.bodies(count=2)

    name = replay(arn)

    again = queue.bodies(count=2)
    assert sorted(again, key=str) == sorted(({**event, "replay-name": name} for event in first), key=str)
    described = aws("events").describe_replay(ReplayName=name)
    assert described["EventLastReplayedTime"] <= described["ReplayEndTime"]
    assert queue.is_empty


def test_replayed_events_are_not_archived_again(aws, bus, archive, replay):
    name, arn = archive()
    bus.put({"number": 1})

    replay(arn)

    assert aws("events").describe_archive(ArchiveName=name)["EventCount"] == 1


def test_archive_counts_what_matches_its_pattern(aws, bus, archive):
    name, _ = archive(EventPattern='{"detail": {"kind": ["kept"]}}')

    bus.put({"kind": "kept"}, {"kind": "other"})
    described = aws("events").describe_archive(ArchiveName=name)
    aws("events").update_archive(ArchiveName=name, EventPattern='{"detail": {"kind": ["other"]}}')
    bus.put({"kind": "kept"}, {"kind": "other"}, {"kind": "other"})

    assert described["EventCount"] == 1
    assert described["SizeBytes"] > len('{"kind": "kept"}')
    assert aws("events").describe_archive(ArchiveName=name)["EventCount"] == 3


def test_replay_takes_the_events_of_its_time_range(bus, queue, archive, replay):
    _, arn = archive()
    bus.rule({"Arn": queue.arn})
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for minute in (3, 1, 2):
        bus.put({"minute": minute}, Time=moment + timedelta(minutes=minute))
    queue.bodies(count=3)

    replay(arn, moment + timedelta(minutes=1), moment + timedelta(minutes=2))

    assert [event["detail"]["minute"] for event in queue.bodies(count=3, wait_s=1)] == [1, 2]


def test_replay_reaches_only_the_rules_that_it_names(aws, bus, create_queue, archive, replay):
    _, arn = archive()
    wanted, other = create_queue(), create_queue()
    rule = bus.rule({"Arn": wanted.arn})
    bus.rule({"Arn": other.arn})
    bus.put({"number": 1})
    wanted.bodies(), other.bodies()

    replay(arn, FilterArns=[rule])

    assert len(wanted.bodies()) == 1
    assert other.is_empty
    with pytest.raises(ClientError, match="does not exist"):
        replay(arn, FilterArns=[rule + "x"])


def test_replay_that_is_through_cannot_be_cancelled(aws, bus, archive, replay):
    _, arn = archive()
    name = replay(arn)

    with pytest.raises(ClientError, match="IllegalStatusException"):
        aws("events").cancel_replay(ReplayName=name)


def _event(number):
    return {"id": str(number), "time": f"2026-01-01T12:00:0{number}Z", "detail": {"number": number}}


def test_cancelled_replay_ends_before_the_next_event():
    times = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    bus = "arn:aws:events:us-east-1:000000000000:event-bus/shop"
    service = ReplayService("again", "us-east-1", "0" * 12, "arn", {"Arn": bus}, *times, "")
    sent = []

    def send(parameters):
        assert service.replay.state == "RUNNING"
        sent.append(parameters["event_formatted"]["detail"]["number"])
        service.stop()  # as CancelReplay does

    run_replay(service, [_event(1), _event(2)], [], send)

    assert sent == [1]
    assert service.replay.state == "CANCELLED"


def test_events_past_the_retention_are_gone_and_no_longer_counted():
    archive, start = Archive("kept", "us-east-1", "0" * 12, "arn", retention_days=2), datetime(2026, 1, 1, tzinfo=UTC)
    shelf = shelf_of(archive, start)
    shelf.add(_event(1), start)
    size = shelf.size_bytes
    shelf.add(_event(2), start + timedelta(days=1))

    shelf_of(archive, start + timedelta(days=2, seconds=1))

    assert [event["id"] for event in shelf.between(start, start + HOUR * 24)] == ["2"]
    assert (archive.size_bytes, archive.event_count) == (size, 1)


def test_archive_without_retention_keeps_its_events():
    archive = Archive("kept", "us-east-1", "0" * 12, "arn")
    shelf_of(archive).add(_event(1), datetime(2020, 1, 1, tzinfo=UTC))

    shelf_of(archive, datetime(2026, 1, 1, tzinfo=UTC))

    assert archive.event_count == 1


def test_shelf_keeps_each_event_once_and_gives_those_of_a_time_range_in_order():
    shelf, start = Shelf(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    numbers = list(range(700))
    random.Random(1).shuffle(numbers)
    for number in numbers * 2:
        shelf.add({"id": str(number), "time": (start + timedelta(seconds=number // 2)).isoformat()}, start)

    found = shelf.between(start + timedelta(seconds=10), start + timedelta(seconds=300))
    first = next(found)
    shelf.add({"id": "later", "time": (start + timedelta(seconds=200)).isoformat()}, start)

    times = [event["time"] for event in (first, *found)]
    assert (len(times), times == sorted(times), len(shelf)) == (2 * 291, True, 701)
    shelf.clear()
    assert (len(shelf), shelf.size_bytes, list(shelf.between(start, start + HOUR))) == (0, 0, [])
    shelf.add(_event(1), start)
    assert len(shelf) == 1


def test_shelf_is_not_in_memory():
    shelf, start, process = Shelf(), datetime(2026, 1, 1, 12, tzinfo=UTC), psutil.Process()
    before = process.memory_info().rss
    for number in range(20_000):
        shelf.add(_event(1) | {"id": str(number), "detail": {"padding": "x" * 2_000}}, start)

    assert shelf.size_bytes > 40_000_000
    assert process.memory_info().rss - before < 20_000_000
