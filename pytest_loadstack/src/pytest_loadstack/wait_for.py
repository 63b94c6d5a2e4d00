"""The fixture ``wait_for``."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from botocore.config import Config

from pytest_loadstack import hints
from pytest_loadstack.conditions import name_of
from pytest_loadstack.events import Events
from pytest_loadstack.inbox import Inbox, Message
from pytest_loadstack.logs import Log
from pytest_loadstack.patience import Patience
from pytest_loadstack.refusals import told_in_a_line
from pytest_loadstack.session import SandboxSession

T = TypeVar("T")

# What fails is tried again, or explained, here; an SDK's own attempts would only take time.
_CONFIG = Config(retries={"total_max_attempts": 1})


class WaitFor:
    """Waits for what the code under test does later: each call returns as soon as it is there.

    After ``timeout`` seconds the test fails, and is told what was there instead.
    """

    def __init__(self, session: SandboxSession, end_reason: Callable[[], str | None], began_ms: int) -> None:
        """``end_reason``: why the sandbox answers no more.

        ``began_ms``: when the test began; older log lines are not its.
        """
        self._session = session
        self._patience = Patience(end_reason, lambda: hints.errors_of_functions(self._client, began_ms))
        self._began_ms = began_ms
        self._clients: dict[str, Any] = {}
        self._inboxes: dict[str, Inbox] = {}
        self._listening = ExitStack()

    def __call__(self, condition: Callable[[], T], timeout: float = 30.0, message: str = "") -> T:
        """Call ``condition`` until it returns something truthy, and return that.

        An ``assert`` that fails in it is no failure yet. Any other exception is.
        """
        __tracebackhide__ = True
        if not callable(condition):
            raise TypeError(f"wait_for takes a condition to call, e.g. a lambda, and not {condition!r}.")
        last = "it was not called"

        def check(_: float) -> T | None:
            nonlocal last
            try:
                result = condition()
            except AssertionError as error:
                last = f"the last time it failed: {error or 'assert'}"
                return None
            last = f"the last time it returned {result!r}"
            return result

        what = message or f"{name_of(condition)} was not true"
        found = self._patience.wait(check, timeout, lambda: f"{what} within {timeout:g} s; {last}")
        assert found is not None
        return found

    def message(
        self, queue: str, matching: Callable[[Message], object] | None = None, timeout: float = 30.0
    ) -> Message:
        """The oldest message of a queue (its name or URL) for which ``matching(message)`` is true.

        The test is the queue's consumer: what it receives on the way is deleted there, and stays for later calls of
        the same test.
        """
        __tracebackhide__ = True
        with told_in_a_line(f"wait_for.message({queue!r})"):
            sqs = self._client("sqs")
            url = queue if "://" in queue else sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            if url not in self._inboxes:
                self._inboxes[url] = Inbox(sqs, url, self._patience, lambda: hints.consumers(self._client, url))
            return self._inboxes[url].take(matching, timeout, f"No such message in the queue {url.rsplit('/', 1)[-1]}")

    def events(self, bus: str = "default", pattern: dict[str, Any] | None = None) -> Events:
        """Listen to a bus from now on, until the end of the test: call it before what sends the event, then ``next``.

        ``pattern`` is one of EventBridge's: ``{"detail-type": ["OrderPlaced"]}``.
        """
        with told_in_a_line(f"wait_for.events({bus!r})"):
            events = Events(self._client, bus, pattern, self._patience)
        self._listening.callback(events.close)
        return events

    def log(self, function: str, text: str | re.Pattern[str], timeout: float = 30.0) -> str:
        """The first line that a function has logged since the test began and that has ``text`` in it.

        ``function`` is its name, or a log group (with a slash in front).
        """
        __tracebackhide__ = True
        group = function if function.startswith("/") else f"/aws/lambda/{function}"
        with told_in_a_line(f"wait_for.log({function!r})"):
            return Log(self._client("logs"), group, self._began_ms, self._patience).line(text, timeout)

    def close(self) -> None:
        """Hear no more events; one listener that cannot be closed keeps no other from it."""
        self._listening.close()

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=_CONFIG)
        return self._clients[service]
