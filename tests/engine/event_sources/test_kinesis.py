"""Mappings of Kinesis streams, with kinesis-mock, which LocalStack installs from npm."""

import json
import subprocess
import uuid

import pytest

from tests.waiting import until

FROM_START = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 100}


class Stream:
    def __init__(self, client, name, arn):
        self.client, self.name, self.arn = client, name, arn
        self.is_deleted = False

    def delete(self):
        if not self.is_deleted:
            self.client.delete_stream(StreamName=self.name)
            self.is_deleted = True

    def put(self, *orders, key="key"):
        for order in orders:
            data = order if isinstance(order, bytes) else json.dumps(order).encode()
            self.client.put_record(StreamName=self.name, Data=data, PartitionKey=key)

    def wait_until_active(self):
        until(
            lambda: (
                self.client.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]["StreamStatus"]
                == "ACTIVE"
            )
        )


@pytest.fixture(scope="module")
def kinesis_mock(engine):
    """Where LocalStack looks for it: its own installation, in the engine's environment, knows no proxy."""
    folder = engine.run / "filesystem" / "var" / "lib" / "localstack" / "lib" / "kinesis-local" / "0.5.2"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(folder), "kinesis-local@0.5.2"]
    subprocess.run(command, check=True, capture_output=True, timeout=100)


@pytest.fixture
def make_stream(aws, kinesis_mock):
    client = aws("kinesis")
    made = []

    def make(shards=1):
        name = f"stream-{uuid.uuid4().hex[:8]}"
        client.create_stream(StreamName=name, ShardCount=shards)
        arn = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        stream = Stream(client, name, arn)
        stream.wait_until_active()
        made.append(stream)
        return stream

    yield make
    for stream in made:
        stream.delete()


def test_record_has_awss_shape(make_stream, record, connect, recorder):
    stream = make_stream()
    connect(stream.arn, record(), **FROM_START)
    sent = stream.client.put_record(StreamName=stream.name, Data=b'{"n": 0}', PartitionKey="key")

    (seen,) = until(recorder.invocations)

    (found,) = seen.records
    assert found["eventSource"] == "aws:kinesis"
    assert found["eventName"] == "aws:kinesis:record"
    assert (found["eventSourceARN"], found["awsRegion"]) == (stream.arn, "us-east-1")
    assert found["eventID"] == f"{sent['ShardId']}:{sent['SequenceNumber']}"
    assert found["invokeIdentityArn"].startswith("arn:aws:iam::")
    assert found["kinesis"]["data"] == "eyJuIjogMH0="
    assert (found["kinesis"]["partitionKey"], found["kinesis"]["kinesisSchemaVersion"]) == ("key", "1.0")
    assert isinstance(found["kinesis"]["approximateArrivalTimestamp"], float)


def test_shards_are_read_side_by_side_each_in_order(make_stream, record, connect, recorder):
    stream = make_stream(shards=3)
    connect(stream.arn, record(), **FROM_START | {"BatchSize": 1})
    keys = {}
    for n in range(40):  # one key for each shard
        sent = stream.client.put_record(StreamName=stream.name, Data=json.dumps({"n": 1000 + n}), PartitionKey=str(n))
        keys.setdefault(sent["ShardId"], str(n))
    assert len(keys) == 3
    until(lambda: len(recorder.numbers()) == 40)

    slow, *others = keys.values()
    stream.put({"n": 0, "gate": recorder.gate}, {"n": 1}, key=slow)
    until(recorder.running)
    for n in range(2, 8):
        stream.put({"n": n}, key=others[n % 2])

    until(lambda: set(range(2, 8)) <= set(recorder.numbers()))
    assert 1 not in recorder.numbers()
    recorder.open_gate()
    until(lambda: 1 in recorder.numbers())
    for remainder in (0, 1):
        mine = [n for n in recorder.numbers() if 2 <= n < 8 and n % 2 == remainder]
        assert mine == sorted(mine)


def test_children_of_a_split_shard_follow_their_parent(make_stream, record, connect, recorder):
    stream = make_stream()
    connect(stream.arn, record(), **FROM_START)
    stream.put({"n": 0})
    stream.client.split_shard(
        StreamName=stream.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    stream.wait_until_active()

    for n in range(1, 9):
        stream.put({"n": n}, key=str(n))

    until(lambda: sorted(recorder.numbers()) == list(range(9)))
    assert recorder.numbers()[0] == 0
    shards = {each["eventID"].split(":")[0] for seen in recorder.invocations() for each in seen.records}
    assert len(shards) == 3


def test_filter_sees_the_data_and_starting_at_a_time_leaves_out_what_was_before(make_stream, record, connect, recorder):
    stream = make_stream()
    stream.put({"n": 0, "kind": "wanted"})
    first = stream.client.get_records(
        ShardIterator=stream.client.get_shard_iterator(
            StreamName=stream.name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
    )["Records"][0]
    filters = {"Filters": [{"Pattern": json.dumps({"data": {"kind": ["wanted"]}})}]}
    connect(
        stream.arn,
        record(),
        BatchSize=10,
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=first["ApproximateArrivalTimestamp"].timestamp() + 1,
        FilterCriteria=filters,
    )

    def wanted_is_seen():
        stream.put({"n": 1, "kind": "other"}, b"no JSON", {"n": 2, "kind": "wanted"})
        return recorder.numbers()

    until(wanted_is_seen)
    assert set(recorder.numbers()) == {2}


def test_stream_that_is_deleted_is_told_once(engine, make_stream, record, connect, recorder):
    stream, other = make_stream(), make_stream()
    function = record()
    connect(stream.arn, function, **FROM_START)
    complaint = f"{stream.arn} cannot be read"

    stream.delete()

    until(lambda: complaint in engine.log.read_text())
    connect(other.arn, function, **FROM_START)
    other.put({"n": 0})
    until(lambda: recorder.numbers() == [0])
    told = [line.split(complaint)[1] for line in engine.log.read_text().splitlines() if complaint in line]
    assert len(told) == len(set(told)), "Kinesis gives other reasons while it deletes and after, each told once"
