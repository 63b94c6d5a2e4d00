"""What a generator process tells the main process: plain tuples, small enough to send for every request."""

from typing import Final, NamedTuple

REQUEST_TIMEOUT_S: Final = 30.0
"""A request without an answer for so long has failed. API Gateway itself gives up after 29 s."""


class Request(NamedTuple):
    """One HTTP request. `arrival` says which iteration it belongs to: its instant, epoch seconds.

    `intended` is when it should have left, `sent` when it did; `service_ms` runs from `sent` to the whole
    answer. `failure` is None for the answers that the scenario takes for good ones.
    """

    arrival: float
    intended: float
    sent: float
    method: str
    name: str
    status: int
    service_ms: float
    failure: str | None

    @property
    def key(self) -> str:
        """The name in the report: `POST /orders`."""
        return f"{self.method} {self.name}"

    @property
    def latency_ms(self) -> float:
        """From the intended send to the whole answer: what somebody waited who came at the intended time."""
        return (self.sent - self.intended) * 1000 + self.service_ms


class Placed(NamedTuple):
    """One order that was sent, and what the API answered: `order_id` is None unless it was accepted (202).

    `sent` is when the generator turned to it. A checkout may then wait for its cart, which is the stack's time.
    """

    correlation_id: str
    intended: float
    sent: float
    answered: float
    http_status: int
    order_id: str | None
