import socket

import pytest

from sandbox import target
from sandbox.errors import NotRunningError, UsageError


def test_endpoint_of_somebody_else_has_no_engine():
    found = target.from_environment({"ENDPOINT": "http://127.0.0.1:9999/"})

    assert found.engine is None
    assert found.api_url == "http://127.0.0.1:9999/_aws/execute-api/shop/dev"


def test_endpoint_where_nobody_listens_is_told():
    with socket.socket() as taken:  # bound, so that nobody else takes it, and not listening
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(NotRunningError, match=f"Nothing answers at {endpoint} "):
            target.from_environment({"ENDPOINT": endpoint}).require_running()


def test_port_moves_the_endpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(target, "RUN", tmp_path)

    assert target.from_environment({"PORT": "4600"}).endpoint == "http://127.0.0.1:4600"
    assert target.from_environment({}).endpoint == "http://127.0.0.1:4566"


def test_port_of_the_sandbox_that_was_started_is_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(target, "RUN", tmp_path)
    (tmp_path / "engine.json").write_text('{"port": 4700}')

    assert target.from_environment({}).endpoint == "http://127.0.0.1:4700"


@pytest.mark.parametrize(
    "environment",
    [
        {"ENDPOINT": "localhost:4566"},
        {"ENDPOINT": "ftp://x"},
        {"PORT": "http"},
        {"ENGINE": "k8s"},
        {"ENGINE": "compose"},
    ],
)
def test_wrong_setting_is_told_by_its_name(environment):
    (name,) = environment

    with pytest.raises(UsageError, match=f"{name}="):
        target.from_environment(environment)
