"""The probe beside a test that Locust itself runs, in its web UI: from its start to its stop, in each process that
places orders.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import Any, Final

import gevent
from gevent.lock import BoundedSemaphore
from gevent.pool import Group
from locust.env import Environment

from loadtests.address import Address
from loadtests.errors import SetupError
from loadtests.orders import Order, OrderBook
from loadtests.probe import Probe, remove_orphans, subscribed_queue
from loadtests.records import Placed
from loadtests.stack import connect

DRAIN_S: Final = 10.0
_LOOK_S: Final = 0.1

log = logging.getLogger(__name__)


class Watch:
    """Reports orders to Locust's statistics as they are decided, and as failures if they never are.

    Without a stack to listen to, the test runs unwatched, and the log says so.
    """

    def __init__(self, environment: Environment, prefix: str) -> None:
        self._environment = environment
        self._prefix = prefix
        self._book = OrderBook(prefix)
        self._listening = ExitStack()
        self._starting = Group()
        self._turn = BoundedSemaphore()

    def placed(self, placed: Placed) -> None:
        """An order was sent and answered."""
        self._book.place(placed)

    def start(self, address: Address) -> None:
        """Subscribe a queue and listen.

        In a greenlet of its own, for Locust kills the one that starts a test when it is started again meanwhile (a stop
        meanwhile is ignored), and a queue that has just been made would stay. One after the other: each removes
        what the one before it made.
        """
        self._starting.spawn(self._listen, address).join()

    def _listen(self, address: Address) -> None:
        with self._turn, ExitStack() as starting:
            self._listening.close()
            self._book = OrderBook(self._prefix)
            try:
                stack = connect(address)
                topic_arn = stack.topic_arn()
                remove_orphans(stack, topic_arn)
                url = starting.enter_context(subscribed_queue(stack, topic_arn, self._prefix))
            except SetupError as error:
                log.error("not listening for what becomes of the orders: %s", error)
                return
            probe = Probe(stack, url, self._hear)
            starting.callback(probe.stop)
            probe.start()
            self._listening = starting.pop_all()

    def close(self, **_: Any) -> None:
        """Remove the queue, if there is one."""
        self._starting.join()
        self._listening.close()

    def on_test_stop(self, **_: Any) -> None:
        """Wait for orders under way, report the lost ones, remove the queue."""
        self._starting.join()
        deadline = time.monotonic() + DRAIN_S
        while self._book.outstanding and time.monotonic() < deadline:
            gevent.sleep(_LOOK_S)
        self.close()
        for order in self._book:
            if order.status == "LOST":
                report(self._environment, order, LookupError("accepted, and no final status"))

    def _hear(self, message: dict[str, Any]) -> None:
        order = self._book.hear(message)
        if order is not None:
            report(self._environment, order)


def report(environment: Environment, order: Order, failure: Exception | None = None) -> None:
    """Tell Locust of an order's way from accepted to its end, by the stack's clock; 0 ms for one without an
    end.
    """
    stages = order.stages
    decided = order.decided_at
    if failure is None and (decided is None or "accepted" not in stages):
        return
    environment.events.request.fire(  # type: ignore[no-untyped-call]
        request_type="ASYNC",
        name="order accepted→final",
        response_time=(decided - stages["accepted"]) * 1000 if decided is not None else 0,
        response_length=0,
        exception=failure,
        context={},
    )
