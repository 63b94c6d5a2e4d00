"""Collects what one generator process sends and hears, and hands it on in batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import gevent

from loadtests.records import Batch, Placed, Request

BATCH_INTERVAL_S: Final = 0.25


class Recorder:
    """Listens to Locust's request event and to the scenario; `send` gets a `Batch` every quarter of a second.

    Nothing is sent while there is nothing to tell.
    """

    def __init__(self, send: Callable[[Batch], None]) -> None:
        self._send = send
        self._batch = Batch([], [], [])

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
        self._batch.requests.append(
            Request(
                arrival=context["arrival"],
                intended=context["intended"],
                sent=start_time,
                method=request_type,
                name=name,
                status=response.status_code if response is not None else 0,
                service_ms=response_time,
                failure=None if exception is None else str(exception) or type(exception).__name__,
            )
        )

    def placed(self, placed: Placed) -> None:
        """An order was sent and answered."""
        self._batch.placed.append(placed)

    def dropped(self, arrival: float) -> None:
        """An arrival could not start."""
        self._batch.dropped.append(arrival)

    def flush(self) -> None:
        """Send what there is now."""
        batch, self._batch = self._batch, Batch([], [], [])
        if any(batch):
            self._send(batch)

    def run(self) -> None:
        """Flush for ever; for a greenlet of its own."""
        while True:
            gevent.sleep(BATCH_INTERVAL_S)
            self.flush()
