"""A Lambda function behind API Gateway that does nothing."""

from functools import partial

from benchmarks.http_client import request
from benchmarks.load import closed_loop
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject, cpu_values, failures
from benchmarks.statistics import percentile

CONNECTIONS = (1, 4, 16)
_WARM_S = 0.3
_SECONDS = 2.5


def measure(subject: Subject, connections: int, seconds: float = _SECONDS, *, log: bool = False) -> Measured:
    """Requests a second in a closed loop, their times, and the CPU time of each."""
    stack = subject.deployed
    ping = request("GET", stack.log_path if log else stack.ping_path)
    port = subject.instance.port
    closed_loop(port, lambda: ping, connections, _WARM_S)
    before = subject.cpu()
    load = closed_loop(port, lambda: ping, connections, seconds)
    after = subject.cpu()
    return Measured(
        {
            "per_s": load.answered / seconds,
            "p50_ms": percentile(load.latencies_ms, 50),
            "p99_ms": percentile(load.latencies_ms, 99),
            **cpu_values(before, after, load),
        },
        failures(load),
    )


SCENARIO = Scenario(
    "ping",
    "Ping: a function behind API Gateway that does nothing",
    (
        *(Cell(f"ping@{each}", partial(measure, connections=each)) for each in CONNECTIONS),
        # ministack waits up to 50 ms for output after an invocation that prints nothing.
        Cell("ping-log@16", partial(measure, connections=16, log=True)),
    ),
)
