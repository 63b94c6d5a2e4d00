"""The small order flow: API Gateway → Lambda puts an item and an event → rule → SQS → Lambda updates the item."""

import time
from functools import partial

from benchmarks.load import closed_loop
from benchmarks.orders import Orders
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject, cpu_values, failures
from benchmarks.stack import Stack
from benchmarks.statistics import percentile

CONNECTIONS = (1, 4, 16)
_WARM_S = 0.7
_SECONDS = 3.0
_SETTLE_S = 3.0
_POLL_S = 0.1


def measure(subject: Subject, connections: int, seconds: float = _SECONDS) -> Measured:
    """Orders accepted, and finished, a second within the time; CPU an order, from the first to the last one's end.

    What is not finished a few seconds after the end is dropped from the queue; the CPU time of an order then lacks
    some of its second half.
    """
    stack, port = subject.deployed, subject.instance.port
    closed_loop(port, Orders(stack.orders_path).request, connections, _WARM_S)
    settle(stack)
    orders = Orders(stack.orders_path)
    before = subject.cpu()
    load = closed_loop(port, orders.request, connections, seconds)
    settle(stack)
    after = subject.cpu()
    found = orders.read(stack.dynamodb)
    finished = [order.done_at for order in found if order.done_at]
    notes = failures(load)
    if len(finished) < load.accepted:
        notes.append(f"{load.accepted - len(finished)} of {load.accepted} not finished {_SETTLE_S:.0f} s after the end")
    in_time = sum(at <= load.started + seconds for at in finished)
    return Measured(
        {
            "accepted_per_s": load.answered / seconds,
            "finished_per_s": in_time / seconds,
            "p50_ms": percentile(load.latencies_ms, 50),
            **cpu_values(before, after, load),
        },
        notes,
    )


def settle(stack: Stack, limit_s: float = _SETTLE_S) -> None:
    """Wait until nothing is on its way between the functions; drop what still is when the time is over."""
    deadline = time.monotonic() + limit_s
    quiet = 0
    while quiet < 2:
        if time.monotonic() > deadline:
            stack.purge()
            return
        quiet = quiet + 1 if stack.pending() == 0 else 0
        time.sleep(_POLL_S)


SCENARIO = Scenario(
    "orders",
    "Orders: API Gateway → Lambda puts an item and an event → rule → SQS → Lambda updates the item",
    tuple(Cell(f"orders@{each}", partial(measure, connections=each)) for each in CONNECTIONS),
)
