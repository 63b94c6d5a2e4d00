"""One real LocalStack for all tests that need one, on a port of its own, beside whatever else runs."""

import os
import socket
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings

from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT, ROOT

# Functions have a /tmp of their own, and do not see the tests' there.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/var/tmp")


# Hypothesis's own is 200 ms an example: what a busy machine takes is no failure.
settings.register_profile("shop", settings(), deadline=None)
settings.load_profile("shop")

# Else LocalStack, imported by a test of the engine's modules, looks for Docker and leaves the socket open.
os.environ["LEGACY_DOCKER_CLIENT"] = "1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under xdist, keep what needs LocalStack together: one for the tests of the engine, one for those of the shop."""
    for item in items:
        if {"engine", "other_engine"} & set(getattr(item, "fixturenames", ())):
            folder = item.path.relative_to(ROOT / "tests").parts[0]
            item.add_marker(pytest.mark.xdist_group(f"localstack-{folder}"))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostEngine]:
    engine = HostEngine(tmp_path_factory.mktemp("engine").resolve(), free_port(), DEVELOPMENT)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


class Aws:
    """boto3 clients of an endpoint: ``aws("sqs")``."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
        self._clients: dict[str, object] = {}

    def __call__(self, service: str):  # type: ignore[no-untyped-def]  # as many types as services
        if service not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint, config=config)
        return self._clients[service]


@pytest.fixture(scope="session")
def aws(engine: HostEngine) -> Aws:
    return Aws(engine.endpoint)
