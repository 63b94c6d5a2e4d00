"""The fixtures and hooks that pytest loads."""

import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest

from pytest_loadstack import checkout, settings
from pytest_loadstack.engine import Engine
from pytest_loadstack.errors import LoadstackError
from pytest_loadstack.reset import reset
from pytest_loadstack.sandbox import Sandbox
from pytest_loadstack.session import SandboxSession
from pytest_loadstack.shared import Lender
from pytest_loadstack.sources import Source, open_source, workers
from pytest_loadstack.wait_for import WaitFor

_SOURCE = pytest.StashKey[Source]()
_LENDER = pytest.StashKey[Lender]()
_BEGAN_MS = pytest.StashKey[int]()
_ADDRESS = "loadstack_address"


def pytest_addoption(parser: pytest.Parser) -> None:
    settings.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    try:
        settings.read(config)
    except LoadstackError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist starts a worker: tell it where to ask for the engine that all share."""
    config: pytest.Config = node.config
    asked = settings.read(config)
    if asked.mode == "shared" and not asked.endpoint:
        if _LENDER not in config.stash:
            config.stash[_LENDER] = Lender(lambda: Engine(checkout.find(asked.home, asked.home_named)))
        node.workerinput[_ADDRESS] = config.stash[_LENDER].address


def pytest_unconfigure(config: pytest.Config) -> None:
    if lender := config.stash.get(_LENDER, None):
        lender.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of a sandbox that has ended fails at once, with the reason."""
    item.stash[_BEGAN_MS] = time.time_ns() // 1_000_000
    source = item.config.stash.get(_SOURCE, None)
    if source and "sandbox" in getattr(item, "fixturenames", ()) and (reason := source.end_reason()):
        pytest.fail(reason, pytrace=False)


@pytest.fixture(scope="session")
def sandbox(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """The offline AWS of this session: started from a checkout of Loadstack, or joined where it runs."""
    address = getattr(pytestconfig, "workerinput", {}).get(_ADDRESS)
    try:
        source = open_source(settings.read(pytestconfig), address)
    except LoadstackError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    pytestconfig.stash[_SOURCE] = source
    try:
        yield Sandbox(source.endpoint)
    finally:
        del pytestconfig.stash[_SOURCE]
        source.close()


@pytest.fixture(scope="session")
def aws(sandbox: Sandbox) -> SandboxSession:
    """A boto3 session that is pointed at the sandbox: ``aws.client("sqs")``, ``aws.resource("dynamodb")``."""
    return SandboxSession(sandbox)


@pytest.fixture
def clean_state(sandbox: Sandbox, pytestconfig: pytest.Config) -> None:
    """No data in any service before the test; queues, tables, functions and all else of the stack stay."""
    shared = _ADDRESS in getattr(pytestconfig, "workerinput", {}) or settings.read(pytestconfig).endpoint
    try:
        if shared and workers() > 1:
            raise LoadstackError(
                f"clean_state would empty what the tests of the other {workers() - 1} workers use: give each worker a "
                "sandbox (loadstack_sandbox = worker, no endpoint), or run these tests without pytest-xdist."
            )
        reset(sandbox.endpoint)
    except LoadstackError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def wait_for(aws: SandboxSession, pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[WaitFor]:
    """Wait for a condition, or for ``.message(queue)``, ``.events(bus)``, ``.log(function, text)``."""
    source = pytestconfig.stash[_SOURCE]
    waiting = WaitFor(aws, source.end_reason, request.node.stash[_BEGAN_MS])
    yield waiting
    with suppress(Exception) if source.end_reason() else nullcontext():  # with the sandbox all is gone
        waiting.close()
