"""Replaying, against an EventBridge that refuses, fails and is interrupted."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from bootstrap.references import Place
from bootstrap.shop import SHOP
from bootstrap.shop_archive import ARCHIVE
from sandbox import replay
from sandbox.errors import NotRunningError, UsageError
from sandbox.replay import ReplayError, Request, requested
from sandbox.replayed import Progress, Replayed
from sandbox.target import Target
from sandbox.telling import Teller

NOW = datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)
WANTED = {"SINCE": "10m", "CONSUMER": "payments"}
DONE_AND_FAILED = [
    {"message_id": "m-1", "message": "replayed"},
    {"message_id": "m-1", "message": "record done"},
    {"message_id": "m-2", "message": "the record failed and will come again"},
]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Cloud:
    """EventBridge, SQS and Logs in one. `states` are what each look at the replay shows, the last one for ever; of
    those that are exceptions the look raises. `depths` are those of each queue, likewise, and `lines_at` the log's,
    where they change; the look `log_fails_at` into it is interrupted.
    """

    states: list[Any] = field(default_factory=lambda: ["STARTING", "RUNNING", "COMPLETED"])
    depths: dict[str, list[int]] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    lines_at: list[list[dict[str, Any]]] = field(default_factory=list)
    log_fails_at: int | None = None
    looks: int = 0
    rule_state: str = "ENABLED"
    refuses: ClientError | BaseException | None = None
    cancel_fails: bool = False
    did: list[str] = field(default_factory=list)
    started: dict[str, Any] = field(default_factory=dict)

    class exceptions:  # as botocore names it
        class ResourceNotFoundException(ClientError):
            pass

        class QueueDoesNotExist(ClientError):
            pass

    def describe_archive(self, ArchiveName: str) -> None:
        assert ArchiveName == "shop-events"

    def describe_rule(self, Name: str, EventBusName: str) -> dict[str, str]:
        if self.rule_state == "gone":
            raise self.exceptions.ResourceNotFoundException({"Error": {"Message": f"Rule {Name} does not exist."}}, "x")
        return {"State": self.rule_state}

    def start_replay(self, **request: Any) -> None:
        self.did.append("start")
        self.started = request
        if self.refuses:
            raise self.refuses

    def describe_replay(self, ReplayName: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, BaseException):
            raise state
        return {"State": state, "EventLastReplayedTime": NOW, "StateReason": "no such archive"}

    def cancel_replay(self, ReplayName: str) -> None:
        assert ReplayName == self.started["ReplayName"]
        self.did.append("cancel")
        if self.cancel_fails:
            raise ClientError({"Error": {"Code": "IllegalStatusException"}}, "CancelReplay")

    def get_queue_url(self, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        depths = self.depths.setdefault(QueueUrl, [0])
        depth = depths.pop(0) if len(depths) > 1 else depths[0]
        return {"Attributes": {"ApproximateNumberOfMessages": str(depth)}}

    def get_paginator(self, operation: str) -> "Cloud":
        return self

    def paginate(self, logGroupName: str, startTime: int, filterPattern: str) -> Iterator[dict[str, Any]]:
        name = self.started.get("ReplayName", "r")
        self.looks += 1
        if self.looks == self.log_fails_at:
            raise KeyboardInterrupt
        if self.lines_at:
            self.lines = self.lines_at.pop(0) if len(self.lines_at) > 1 else self.lines_at[0]
        lines = [
            {"timestamp": line.get("at", 1_000), "message": json.dumps({"replay": name} | line)} for line in self.lines
        ]
        yield {"events": [{"timestamp": 1_000, "message": f"not JSON, and names {name}"}, *lines]}


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command on this cloud: its exit code and what it printed."""
    monkeypatch.setattr(replay, "_POLL_S", 0)
    monkeypatch.setattr(replay, "_PATIENCE_S", 0)
    monkeypatch.setattr(Target, "require_running", lambda target: None)

    def run(cloud: Cloud, console: Console | None = None, **settings: str) -> tuple[int, str]:
        clients = SimpleNamespace(events=cloud, sqs=cloud, logs=cloud, place=Place(), endpoint="http://there")
        monkeypatch.setattr(replay, "Clients", lambda endpoint: clients)
        console = console or recorder()
        return replay.run(Target("http://there", None), WANTED | settings, console), console.export_text()

    return run


def recorder() -> Console:
    return Console(record=True, width=250, file=io.StringIO())


def ask(**settings: str) -> Request:
    return requested(SHOP, ARCHIVE, WANTED | settings, NOW)


def test_replay_goes_to_the_rule_of_the_consumer_alone(make: Any) -> None:
    cloud = Cloud(lines=[{"message_id": "m-1"}, {"message_id": "m-1"}, {"message_id": "m-2"}, {}])
    exit_code, text = make(cloud, SINCE="2020-11-22T10:00:00Z", UNTIL="2020-11-22T10:05:00Z")
    arn = "arn:aws:events:us-east-1:000000000000"
    assert exit_code == 0
    assert cloud.started["Destination"] == {"Arn": f"{arn}:event-bus/shop", "FilterArns": [f"{arn}:rule/shop/payments"]}
    assert cloud.started["EventSourceArn"] == f"{arn}:archive/shop-events"
    assert (cloud.started["EventStartTime"].minute, cloud.started["EventEndTime"].minute) == (0, 5)
    assert "2 events replayed to payments" in text
    assert "nothing waits in queue payments, no new dead letters" in text
    assert cloud.did == ["start"]


def test_nothing_in_the_archive_is_told(make: Any) -> None:
    exit_code, text = make(Cloud())
    assert exit_code == 0
    assert "0 events replayed to payments" in text
    assert "No line of /aws/lambda/payments tells of one: the archive has none for payments from 20" in text


def test_consumer_that_takes_one_type_of_event_is_told_where_there_was_none(make: Any) -> None:
    assert (
        "none for notifications, which takes CartAbandoned alone from the bus, from 20"
        in make(Cloud(), CONSUMER="notifications")[1]
    )


def test_none_that_began_is_told_where_something_waits(make: Any) -> None:
    _, text = make(Cloud(depths={"payments": [3]}))
    assert "tells of one: payments did not come so far, or what waits is of other traffic" in text


def test_range_is_told_in_utc(make: Any) -> None:
    text = make(Cloud(), SINCE="2020-11-22", UNTIL="2020-11-23")[1]
    assert "payments gets what the archive has from 2020-11-22T00:00:00Z to 2020-11-23T00:00:01Z" in text


def test_queue_is_waited_for_until_it_is_empty(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_PATIENCE_S", 60)
    cloud = Cloud(depths={"payments": [3, 2, 1, 0, 0]}, lines=[{"message_id": "m-1"}])
    assert make(cloud)[0] == 0
    assert cloud.depths["payments"] == [0]


def test_other_traffic_is_not_waited_for_until_it_ends(make: Any) -> None:
    """It keeps the queue moving, and never empty."""
    depths = [1 + n % 3 for n in range(200)]
    exit_code, text = make(Cloud(depths={"payments": depths}, lines=[{"message_id": "m-1"}]))
    assert (exit_code, "still in queue payments" in text) == (1, True)
    assert len(depths) > 100


def test_new_dead_letters_and_what_still_waits_fail(make: Any) -> None:
    exit_code, text = make(Cloud(depths={"payments": [4], "payments-dlq": [1, 3]}, lines=[{"message_id": "m-1"}]))
    assert exit_code == 1
    assert "1 event replayed to payments" in text
    assert "2 dead letters more in payments-dlq: make dlq tells why" in text
    assert "4 still in queue payments: make logs FUNCTION=payments" in text


@pytest.mark.parametrize("cancel_fails", [False, True])
def test_interrupted_replay_is_cancelled(make: Any, cancel_fails: bool) -> None:
    cloud = Cloud(states=["RUNNING", KeyboardInterrupt(), "CANCELLING", "CANCELLED"], cancel_fails=cancel_fails)
    with pytest.raises(KeyboardInterrupt):
        make(cloud)
    assert cloud.did == ["start", "cancel"]
    assert cloud.states == ["CANCELLED"]


def test_interruption_tells_what_was_sent(make: Any) -> None:
    cloud = Cloud(states=["RUNNING", KeyboardInterrupt(), "CANCELLED"], depths={"payments": [4]}, lines=DONE_AND_FAILED)
    with pytest.raises(KeyboardInterrupt):
        make(cloud, console := recorder())
    text = console.export_text()
    assert "is CANCELLED; what was sent stays sent" in text
    assert "So far 2 events replayed, 1 done, 1 failing, 4 waiting in queue payments" in text


def test_interruption_of_what_is_through_tells_that_it_goes_on(make: Any) -> None:
    cloud = Cloud(depths={"payments": [1]}, lines=DONE_AND_FAILED)
    cloud.log_fails_at = 2
    with pytest.raises(KeyboardInterrupt):
        make(cloud, console := recorder())
    text = console.export_text()
    assert cloud.did == ["start"]
    assert "was through, and can no longer be cancelled: payments goes on" in text
    assert "So far 2 events replayed, 1 done, 1 failing, 1 waiting in queue payments" in text
    assert "lies in payments-dlq: make dlq; make logs FUNCTION=payments tells why" in text


def test_consumer_that_fails_is_told_while_it_is_waited_for(make: Any) -> None:
    _, text = make(Cloud(depths={"payments": [2, 2, 0]}, lines=DONE_AND_FAILED))
    assert text.count("1 event failed. What fails comes again, up to a minute later") == 1


def test_each_failure_is_waited_for_anew(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message comes again each minute, until it is a dead letter."""
    clock = Clock()
    monkeypatch.setattr(replay, "_PATIENCE_S", 90)
    monkeypatch.setattr(replay.time, "monotonic", clock)
    monkeypatch.setattr(replay.time, "sleep", lambda seconds: clock.go(30))
    cloud = Cloud(depths={"payments": [1] * 10 + [0], "payments-dlq": [0, 1]})
    failure = {"message_id": "m-1", "message": "the record failed and will come again"}
    cloud.lines_at = [[failure | {"at": n} for n in range(1, 1 + look // 2)] for look in range(12)]
    exit_code, text = make(cloud)
    assert (exit_code, "still in queue" in text) == (1, False)
    assert "1 dead letter more in payments-dlq" in text


def test_line_that_says_how_it_stands_comes_each_ten_seconds_where_nobody_sees_the_status() -> None:
    clock, console = Clock(), recorder()
    tell = Teller(console, console.status(""), clock)
    for text in ("one", "one", "one", "two", "three", "three", "three"):
        tell(text)
        clock.go(5)
    assert console.export_text().split() == ["one", "three"]
    seen = Console(force_terminal=True, file=io.StringIO(), record=True)
    Teller(seen, seen.status(""), Clock(100))("one")
    assert seen.export_text() == ""


def test_interrupted_before_the_answer_it_is_cancelled_too(make: Any) -> None:
    cloud = Cloud(refuses=KeyboardInterrupt(), cancel_fails=True)
    with pytest.raises(KeyboardInterrupt):
        make(cloud)
    assert cloud.did == ["start", "cancel"]


def test_interrupted_before_it_began_nothing_was_sent(make: Any) -> None:
    unknown = Cloud.exceptions.ResourceNotFoundException({"Error": {"Message": "no such replay"}}, "DescribeReplay")
    with pytest.raises(KeyboardInterrupt):
        make(Cloud(states=[unknown], refuses=KeyboardInterrupt(), cancel_fails=True), console := recorder())
    assert "The replay had not begun: nothing was sent" in console.export_text()


def test_refused_and_failed_replays_are_told_in_a_line(make: Any) -> None:
    refusal = ClientError({"Error": {"Code": "InternalFailure", "Message": "not implemented."}}, "StartReplay")
    with pytest.raises(ReplayError, match=r"^http://there does not replay: not implemented\.$"):
        make(Cloud(refuses=refusal))
    with pytest.raises(ReplayError, match=r"^The replay ended as FAILED: no such archive\.$"):
        make(Cloud(states=["RUNNING", "FAILED"]))


def test_rule_that_is_off_or_gone_is_told_before_anything_is_sent(make: Any) -> None:
    with pytest.raises(ReplayError, match=r"rule shop/payments is disabled, .* make up enables it"):
        make(off := Cloud(rule_state="DISABLED"))
    with pytest.raises(NotRunningError, match=r"Rule payments does not exist: make up creates what is missing"):
        make(gone := Cloud(rule_state="gone"))
    assert off.did == gone.did == []


def test_older_than_the_archive_keeps_is_told(make: Any) -> None:
    assert "keeps events for 1 d; what is older" in make(Cloud(), SINCE="2d")[1]
    assert "keeps events for" not in make(Cloud(), SINCE="1h")[1]


def test_range_has_whole_seconds_and_all_within() -> None:
    request = requested(SHOP, ARCHIVE, WANTED | {"SINCE": "1s"}, NOW + timedelta(milliseconds=1_400))
    assert (request.since, request.until) == (NOW, NOW + timedelta(seconds=2))


def test_range_ends_now_where_nothing_else_is_said() -> None:
    request = ask()
    assert (request.since, request.until) == (NOW - timedelta(minutes=10), NOW + timedelta(seconds=1))
    assert (request.rule.name, request.home.queue, request.home.function) == ("payments", "payments-dlq", "payments")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SINCE": ""}, r"SINCE is missing: make replay SINCE=10m CONSUMER=payments"),
        ({"CONSUMER": ""}, r"CONSUMER is missing: make replay"),
        ({"SINCE": "soon"}, r"SINCE=soon is no moment"),
        ({"UNTIL": "later"}, r"UNTIL=later is no moment"),
        ({"SINCE": "2026-11-22T11:00:00Z"}, r"SINCE=2026-11-22T11:00:00Z lies ahead"),
        ({"UNTIL": "2026-11-22T11:00:00Z"}, r"UNTIL=2026-11-22T11:00:00Z lies ahead"),
        ({"UNTIL": "10m"}, r"SINCE=10m is not before UNTIL=10m"),
        ({"SINCE": "0s"}, r"SINCE=0s is not before UNTIL=now"),
        (
            {"CONSUMER": "analytics"},
            r"CONSUMER=analytics takes nothing from the event bus shop; there are .*, payments",
        ),
    ],
)
def test_bad_input_is_told_in_a_line(settings: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        ask(**settings)
    assert "\n" not in str(caught.value)


def test_each_look_at_the_log_reads_on() -> None:
    cloud = Cloud(lines=[{"message_id": "m-1"}])
    replayed = Replayed(cloud, "/aws/lambda/payments", "r")  # type: ignore[arg-type]  # as much of a client as it needs
    assert replayed.look() == replayed.look() == Progress(begun=1)
    cloud.lines.append({"message_id": "m-2"})
    assert replayed.look().begun == 2
