"""What was accepted before a reset is dropped where it waits."""

import time
from types import SimpleNamespace

import pytest

from loadstack_engine import async_invocations
from loadstack_engine.agenda import Agenda
from loadstack_engine.async_invocations import Event, Queue, handle
from loadstack_engine.epoch import EPOCH
from loadstack_engine.redelivery import Delivery, Redelivery, RetryPolicy


@pytest.fixture(autouse=True)
def _epoch(monkeypatch):
    """These resets are no other test's, whose events may be of long ago."""
    monkeypatch.setattr(EPOCH, "_began", EPOCH._began)


class Manager:
    """Stands for a version: counts what reaches it."""

    def __init__(self):
        self.invoked = 0

    def invoke(self, *, invocation):
        self.invoked += 1


def test_event_that_waited_reaches_no_function():
    manager = Manager()
    event = Event(invocation=None)

    EPOCH.begin()

    assert handle(Queue(manager), event) is None
    assert manager.invoked == 0


def test_outcome_of_an_event_that_ran_at_the_reset_goes_nowhere(monkeypatch):
    class Resetting(Manager):
        function = SimpleNamespace(event_invoke_configs={})
        function_version = SimpleNamespace(id=SimpleNamespace(qualifier="$LATEST"))

        def invoke(self, *, invocation):
            EPOCH.begin()
            return SimpleNamespace(is_error=False)

    delivered = []
    monkeypatch.setattr(async_invocations, "deliver", lambda *arguments: delivered.append(arguments))

    handle(Queue(Resetting()), Event(SimpleNamespace(invoked_arn="arn:aws:lambda:r:a:function:f")))

    assert delivered == []


def test_delivery_that_waits_for_its_retry_is_dropped():
    class Due(Agenda):
        """Keeps what is to be called later."""

        def later(self, delay_s, call, *, at_stop=False):
            self.call = call

    attempts, agenda = [], Due()

    def send(attempt):
        attempts.append(attempt)
        raise ConnectionError

    Redelivery(agenda, 1.0, time.monotonic).deliver(Delivery("d", send, lambda *_: None, RetryPolicy()))
    assert attempts == [1]

    EPOCH.begin()
    agenda.call()

    assert attempts == [1]
