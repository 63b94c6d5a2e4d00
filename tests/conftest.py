"""One real LocalStack for all tests that need one, on a port of its own, beside whatever else runs."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from zlib import crc32

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings

from bootstrap.flows import Flow
from sandbox import checks
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT, ROOT

# Commands that a test starts do the same whether or not Docker answers here; those of compose name it.
os.environ["ENGINE"] = "host"

# Functions have a /tmp of their own, and do not see the tests' there.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/var/tmp")


# Hypothesis's own is 200 ms an example: what a busy machine takes is no failure.
settings.register_profile("shop", settings(), deadline=None)
settings.load_profile("shop")

# Else LocalStack, imported by a test of the engine's modules, looks for Docker and leaves the socket open.
os.environ["LEGACY_DOCKER_CLIENT"] = "1"


# What ``make test ENDPOINT=…`` runs on instead of an engine of the tests' own.
ENDPOINT = os.environ.get(checks.TEST_ENDPOINT, "").rstrip("/")

# What ``make test FLOW=…`` has the shop's orders go by: all tests by this one; None: each by those that it is about.
FLOW = Flow(os.environ[checks.TEST_FLOW]) if os.environ.get(checks.TEST_FLOW) else None


_PORTS_OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port that nobody has, and that no connection gets before somebody listens there: tests make hundreds."""
    for candidate in _port_candidates():
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", candidate))
            port: int = probe.getsockname()[1]
            return port
    raise AssertionError("no port is free")


def _port_candidates() -> list[int]:
    """Some by chance, so that processes side by side seldom have the same; 0, any, where the system does not tell."""
    try:
        first, last = map(int, _PORTS_OF_CONNECTIONS.read_text().split())
    except OSError:
        return [0]
    others = [port for port in range(20_000, 32_768) if not first <= port <= last]
    return [*SystemRandom().sample(others, min(100, len(others))), 0]


# What slow tests share, the longest first: the tier is as long as the soak and what comes after it. pytest-xdist gives
# each of its two processes two groups at first: one has the soak and then the browser, the other all else meanwhile.
SLOW_GROUPS = (
    "soak",
    "localstack-engine",
    "browser",
    "compose",
    "localstack-integration",
    "localstack-saga",
    "endurance",
)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests together that share a LocalStack, a shop or the Docker engine, and bring all into the order above.

    Slow ones in one process, the others in two: two shops are built sooner than four, and one would be the last to end.
    """
    for item in items:
        if item.get_closest_marker("slow"):
            if group := _shared(item):
                item.add_marker(pytest.mark.xdist_group(group))
        elif not item.get_closest_marker("xdist_group") and (group := _shared(item)):
            item.add_marker(pytest.mark.xdist_group(f"{group}-{crc32(item.path.name.encode()) % 2}"))
        if ENDPOINT and "endpoint" not in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason="says nothing about ENDPOINT: it uses none, or starts its own"))
    items.sort(key=_turn)


def _shared(item: pytest.Item) -> str | None:
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    if folder == "compose":
        return folder
    if "callspec" in vars(item) and item.callspec.params.get("flow") is Flow.SAGA:
        return "localstack-saga"
    if {"engine", "endpoint", "other_engine"} & set(getattr(item, "fixturenames", ())):
        return f"localstack-{folder}"
    return None


def _turn(item: pytest.Item) -> int:
    groups = [mark.args[0] for mark in item.iter_markers("xdist_group")]
    return min((SLOW_GROUPS.index(group) for group in groups if group in SLOW_GROUPS), default=len(SLOW_GROUPS))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostEngine]:
    if ENDPOINT:
        pytest.skip(f"needs an engine of the tests' own, and ENDPOINT={ENDPOINT} is somebody else's")
    engine = HostEngine(tmp_path_factory.mktemp("engine").resolve(), free_port(), DEVELOPMENT)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest) -> str:
    """The AWS endpoint of the tests: ``ENDPOINT``, or an engine of their own."""
    if ENDPOINT:
        return ENDPOINT
    url: str = request.getfixturevalue("engine").endpoint
    return url


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
def aws(endpoint: str) -> Aws:
    return Aws(endpoint)
