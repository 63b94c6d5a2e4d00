from __future__ import annotations

from loadtests.batch import Batch
from loadtests.orders import Order
from loadtests.progress import Progress
from loadtests.records import Placed, Request
from loadtests.result import Observations
from tests.loadtests.test_summary import PLAN, T0


class Clock:
    """Stands where it is put."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def started(at: float) -> tuple[Progress, Clock]:
    clock = Clock(at)
    progress = Progress(PLAN, Observations(), clock)
    progress.start = T0
    return progress, clock


def confirmed(number: int, ms: float) -> Order:
    order = Order(f"lt-{number}", Placed(f"lt-{number}", T0, T0, T0 + 0.01, 202, f"o-{number}"))
    order.heard[f"o-{number}"] = {"confirmed": T0 + ms / 1000}
    return order


def request(ms: float) -> Request:
    return Request(T0, T0, T0, "GET", "/products", 200, ms, None)


def test_line_before_anything_was_told_has_no_percentile() -> None:
    progress, _ = started(T0 - 1)
    assert progress.line() == "warm-up   0.0/s   0 in flight   p95 -   0 lost so far"


def test_line_tells_of_all_processes_together() -> None:
    progress, clock = started(T0)
    progress.add(Batch(0, counters={"sent": 10, "in_flight": 1}))
    progress.add(Batch(1, counters={"sent": 10, "in_flight": 2, "overdue": 3}))
    clock.at = T0 + 2
    progress.add(Batch(0, orders=[confirmed(i, 10 * i) for i in range(1, 21)], counters={"sent": 20, "in_flight": 1}))
    progress.add(Batch(1, dropped=[T0], counters={"sent": 20, "in_flight": 2, "overdue": 3}))
    line = "2 of 5 s   15.0/s   3 in flight   p95 190 ms (orders)   3 lost so far   1 never sent"
    assert progress.line() == line


def test_requests_stand_in_where_there_are_no_orders() -> None:
    progress, _ = started(T0)
    progress.add(Batch(requests=[request(5), request(1)]))
    assert "p95 5 ms (requests)" in progress.line()


def test_what_is_old_is_forgotten() -> None:
    progress, clock = started(T0)
    progress.add(Batch(requests=[request(900)], counters={"sent": 1}))
    clock.at = T0 + 60
    progress.add(Batch(requests=[request(5)], counters={"sent": 2, "outstanding": 4}))
    assert progress.line() == "4 orders under way   0.0/s   0 in flight   p95 5 ms (requests)   0 lost so far"
