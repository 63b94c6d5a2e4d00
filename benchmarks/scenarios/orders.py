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
_WAKE_S = 12.0  # LocalStack's poller backs off to 10 s
_POLL_S = 0.1


def measure(subject: Subject, connections: int, seconds: float = _SECONDS) -> Measured:
    """Orders accepted, and finished, a second within the time; CPU an order, from the first to the last one's end.

    The load before it goes on until its first order is finished: a poller that backs off when idle is awake by then.
    What is not finished a few seconds after the end is dropped from the queue; the CPU time of an order then lacks
    some of its second half.
    """
    stack, port = subject.deployed, subject.instance.port
    warm, orders = Orders(stack.orders_path), Orders(stack.orders_path)
    closed_loop(port, warm.request, connections, _WARM_S)
    warm.read_when(lambda found: any(order.done_at for order in found), stack.dynamodb, _WAKE_S)
    before = subject.cpu()
    load = closed_loop(port, orders.request, connections, seconds)
    settle(stack)
    after = subject.cpu()
    found = orders.read(stack.dynamodb)
    finished = sum(order.done_at is not None for order in found)
    notes = failures(load)
    if finished < load.accepted:
        notes.append(f"{load.accepted - finished} of {load.accepted} not finished {_SETTLE_S:.0f} s after the end")
    # Those of the load before too: they were ahead in the queue.
    ends = [order.done_at for order in [*warm.read(stack.dynamodb), *found] if order.done_at]
    in_time = sum(load.started <= at <= load.started + seconds for at in ends)
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
