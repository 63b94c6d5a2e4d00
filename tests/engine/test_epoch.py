"""What was accepted before a reset is dropped where it waits."""

import time

from loadstack_engine.agenda import Agenda
from loadstack_engine.async_invocations import Event, Queue, handle
from loadstack_engine.epoch import EPOCH
from loadstack_engine.redelivery import Delivery, Redelivery, RetryPolicy


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
