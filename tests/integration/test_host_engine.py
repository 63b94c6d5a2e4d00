"""LocalStack as a background process: up, down, and what is left after crashes."""

import os
import signal
import socket

import boto3
import psutil
import pytest

from sandbox import preflight, processes
from sandbox.errors import EngineError, SetupError
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from tests.conftest import free_port
from tests.waiting import until


@pytest.fixture
def fresh(tmp_path):
    engine = HostEngine(tmp_path.resolve(), free_port(), DEVELOPMENT)
    yield engine
    engine.stop()


def _client(engine, service):
    return boto3.client(
        service,
        endpoint_url=engine.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _use_dynamodb(engine):
    _client(engine, "dynamodb").list_tables()


def _pid(engine, name):
    import json

    return json.loads((engine.run / "pid.json").read_text())[name]


def test_life_of_an_engine(fresh):
    fresh.start()
    _use_dynamodb(fresh)
    ours = processes.of_instance(fresh.instance)
    names = " ".join(" ".join(each.cmdline()) for each in ours)
    assert "LoopbackServer" in names

    listening = [c.laddr for each in ours for c in each.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert fresh.port in {address.port for address in listening}
    assert len(listening) >= 2, "LocalStack and DynamoDB Local"
    assert {address.ip for address in listening} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}

    _client(fresh, "s3").create_bucket(Bucket="objects")
    assert [each.name for each in (fresh.run / "tmp").glob("*/objects")] == ["objects"]

    fresh.stop()
    assert processes.of_instance(fresh.instance) == []
    assert preflight.is_free(fresh.port)
    assert fresh.end_reason() is None
    assert not (fresh.run / "tmp").exists()
    fresh.stop()


def test_killed_localstack_takes_everything_with_it_and_can_be_started_again(fresh):
    fresh.start()
    _use_dynamodb(fresh)

    os.kill(_pid(fresh, "localstack"), signal.SIGKILL)

    until(lambda: processes.of_instance(fresh.instance) == [])
    assert not fresh.is_ready()
    assert "killed by signal 9" in fresh.end_reason()
    fresh.start()
    assert fresh.is_ready()


def test_down_ends_what_a_killed_supervisor_left(fresh):
    fresh.start()
    _use_dynamodb(fresh)

    os.kill(_pid(fresh, "supervisor"), signal.SIGKILL)
    assert len(processes.of_instance(fresh.instance)) >= 2

    fresh.stop()
    assert processes.of_instance(fresh.instance) == []


def test_taken_port_starts_nothing(fresh):
    with socket.socket() as other:
        other.bind(("127.0.0.1", fresh.port))
        other.listen()

        with pytest.raises(SetupError, match="is taken"):
            fresh.start()

    assert processes.of_instance(fresh.instance) == []


def test_engine_that_cannot_start_says_what_its_log_says(fresh, monkeypatch):
    original = HostEngine._environment
    monkeypatch.setattr(HostEngine, "_environment", lambda self: original(self) | {"GATEWAY_SERVER": "nowhere"})

    with pytest.raises(EngineError, match="nowhere"):
        fresh.start()

    assert processes.of_instance(fresh.instance) == []
