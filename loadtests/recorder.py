"""Collects what one generator process sends and hears, and hands it on in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import gevent

from loadtests import histograms
from loadtests.batch import Batch, Counters
from loadtests.orders import Order, OrderBook
from loadtests.records import Placed, Request

BATCH_INTERVAL_S: Final = 0.25
BATCH_ORDERS: Final = 2_000
"""Orders in one message at the most: about 1 MB."""


class Recorder:
    """Listens to Locust's request event, to the scenario and to the probe; `send` gets a `Batch` every quarter
    of a second.

    Nothing is sent while there is nothing to tell. All instants are shifted by `shift_s`, to the stack's clock.
    What arrived at `start` (by that clock) or later is measured, and recorded in histograms.
    """

    def __init__(self, worker: int, book: OrderBook, send: Callable[[Batch], None], shift_s: float = 0.0) -> None:
        self.worker = worker
        self.book = book
        self.start = float("inf")
        self._send = send
        self._shift_s = shift_s
        self._batch = Batch(worker)
        self._told: Counters = {}
        self._histograms = histograms.Histograms()

    def on_request(
        self,
        request_type: str,
        name: str,
        response_time: float,
        exception: Exception | None,
        context: dict[str, Any],
        response: Any = None,
        start_time: float = 0.0,
        **_: Any,
    ) -> None:
        """Locust's event. Requests without an arrival in their context (logging in, ASYNC) are not ours to
        count.
        """
        if "arrival" not in context:
            return
        request = Request(
            arrival=context["arrival"] + self._shift_s,
            intended=context["intended"] + self._shift_s,
            sent=start_time + self._shift_s,
            method=request_type,
            name=name,
            status=response.status_code if response is not None else 0,
            service_ms=response_time,
            failure=None if exception is None else str(exception) or type(exception).__name__,
        )
        self._batch.requests.append(request)
        if request.arrival >= self.start:
            self._histograms.add_request(request)

    def placed(self, placed: Placed) -> None:
        """An order was sent and answered."""
        self.book.place(
            placed._replace(
                intended=placed.intended + self._shift_s,
                sent=placed.sent + self._shift_s,
                answered=placed.answered + self._shift_s,
            )
        )

    def hear(self, message: Mapping[str, Any]) -> Order | None:
        """A message came; return the order if it has just come to its final stage."""
        return self.book.hear(message)

    def dropped(self, arrival: float) -> None:
        """An arrival could not start."""
        self._batch.dropped.append(arrival + self._shift_s)

    def flush(self, counters: Counters) -> None:
        """Send what there is now, and the orders that have ended."""
        batch, self._batch = self._batch, Batch(self.worker)
        batch.orders = self.book.take_changed(ended=True)
        batch.counters = {
            **counters,
            "outstanding": self.book.outstanding,
            "overdue": self.book.overdue(time.time() + self._shift_s),
            "unnotified": self.book.unnotified,
            "unreadable": self.book.unreadable,
        }
        if batch.requests or batch.orders or batch.dropped or batch.counters != self._told:
            self._told = batch.counters
            self._send(batch)

    def finish(self, counters: Counters) -> None:
        """Send all that is left, whatever state it is in, and the histograms.

        Orders are recorded in these only now, as they stand in the end: a message may still change them while
        there are any to come.
        """
        self.flush(counters)
        rest = self.book.take_changed(ended=False)
        for first in range(0, len(rest), BATCH_ORDERS):
            self._send(Batch(self.worker, orders=rest[first : first + BATCH_ORDERS], counters=self._told))
        for order in self.book:
            if order.placed is not None and order.placed.intended >= self.start:
                self._histograms.add_order(order)
        self._send(Batch(self.worker, counters=self._told, histograms=self._histograms.encode()))

    def run(self, counters: Callable[[], Counters]) -> None:
        """Flush for ever; for a greenlet of its own."""
        while True:
            gevent.sleep(BATCH_INTERVAL_S)
            self.flush(counters())
