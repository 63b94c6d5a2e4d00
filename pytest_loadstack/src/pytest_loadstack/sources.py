"""Where the sandbox of this process comes from: an engine of its own, one that all workers share, one that runs."""

import os
from typing import Protocol

from pytest_loadstack import answering, checkout, shared
from pytest_loadstack.engine import Engine
from pytest_loadstack.errors import LoadstackError
from pytest_loadstack.settings import Settings


class Source(Protocol):
    """A sandbox that answers."""

    endpoint: str

    def end_reason(self) -> str | None:
        """Why it answers no more, in one line; None while it does."""

    def close(self) -> None:
        """End what this process started."""


class Joined:
    """A sandbox of somebody else's."""

    def __init__(self, endpoint: str, named: str) -> None:
        """``named``: the setting that gave the endpoint. Raises LoadstackError where nothing answers."""
        self.endpoint = endpoint
        if self.end_reason():
            raise LoadstackError(
                f"Nothing answers at {endpoint}: start the sandbox that {named} names, or leave it out to have one "
                "started."
            )

    def end_reason(self) -> str | None:
        return None if answering.accepts(self.endpoint) else f"The sandbox ended: nothing answers at {self.endpoint}."

    def close(self) -> None:
        """It goes on."""


def open_source(settings: Settings, address: str | None) -> Source:
    """What the settings ask for; ``address`` is where the process is that shares an engine with us.

    Raises:
        LoadstackError: there is no sandbox to be had.
    """
    if settings.endpoint:
        return Joined(settings.endpoint, settings.endpoint_named)
    if address:
        return shared.Borrowed(address)
    engine = Engine(checkout.find(settings.home, settings.home_named))
    try:
        engine.wait_until_ready()
    except BaseException:
        engine.close()
        raise
    return engine


def workers() -> int:
    """How many processes of pytest-xdist run tests: 1 without it."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
