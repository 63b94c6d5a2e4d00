"""How long an order takes from its item's put to its update, when orders come evenly, ten a second."""

from math import inf, isinf

from benchmarks.load import constant_rate
from benchmarks.orders import Orders
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject, failures
from benchmarks.scenarios.orders import settle
from benchmarks.statistics import percentile

_RATE = 10.0
_WARM_S = 1.0
_SECONDS = 6.0
_LIMIT_S = 5.0


def measure(subject: Subject, seconds: float = _SECONDS) -> Measured:
    """Percentiles over all orders; None where so many were not done a few seconds after the end."""
    stack, port = subject.deployed, subject.instance.port
    constant_rate(port, Orders(stack.orders_path).request, _RATE, _WARM_S)
    settle(stack)
    orders = Orders(stack.orders_path)
    load = constant_rate(port, orders.request, _RATE, seconds)
    found = orders.read_when(lambda found: all(order.done_at for order in found), stack.dynamodb, _LIMIT_S)
    settle(stack, limit_s=0)
    samples = [1000 * (order.done_at - order.put_at) if order.done_at else inf for order in found]
    notes = failures(load)
    if undone := sum(isinf(sample) for sample in samples):
        notes.append(f"{undone} of {len(samples)} not done {_LIMIT_S:.0f} s after the end")
    return Measured(
        {
            "p50_ms": percentile(samples, 50),
            "p99_ms": percentile(samples, 99),
            "max_ms": percentile(samples, 100),
            "undone": undone,
        },
        notes,
    )


SCENARIO = Scenario(
    "latency", "Asynchronous latency at 10 orders a second: item put → item updated", (Cell("latency", measure),)
)
