from __future__ import annotations

import math
from dataclasses import replace

import pytest
from gevent.event import Event

from loadtests import progress
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
    made = Progress(PLAN, Observations(), clock)
    made.start = T0
    return made, clock


def confirmed(number: int, ms: float) -> Order:
    order = Order(f"lt-{number}", Placed(f"lt-{number}", T0, T0, T0 + 0.01, 202, f"o-{number}"))
    order.heard[f"o-{number}"] = {"confirmed": T0 + ms / 1000}
    return order


def request(ms: float) -> Request:
    return Request(T0, T0, T0, "GET", "/products", 200, ms, None)


def test_line_before_anything_was_told_has_no_percentile() -> None:
    run, _ = started(T0 - 1)
    assert run.line() == "warm-up   0.0/s   0 in flight   p95 -   0 overdue"


def test_line_tells_of_all_processes_together() -> None:
    run, clock = started(T0)
    run.add(Batch(0, counters={"sent": 10, "in_flight": 1}))
    run.add(Batch(1, counters={"sent": 10, "in_flight": 2, "overdue": 3}))
    clock.at = T0 + 2
    run.add(Batch(0, orders=[confirmed(i, 10 * i) for i in range(1, 21)], counters={"sent": 20, "in_flight": 1}))
    run.add(Batch(1, dropped=[T0], counters={"sent": 20, "in_flight": 2, "overdue": 3}))
    line = "2 of 5 s   15.0/s   3 in flight   p95 190 ms (orders)   3 overdue   1 never sent"
    assert run.line() == line


def test_requests_stand_in_where_there_are_no_orders() -> None:
    run, _ = started(T0)
    run.add(Batch(requests=[request(5), request(1)]))
    assert "p95 5 ms (requests)" in run.line()


def test_what_is_old_is_forgotten() -> None:
    run, clock = started(T0)
    run.add(Batch(requests=[request(900)], counters={"sent": 1}))
    clock.at = T0 + 60
    run.add(Batch(requests=[request(5)], counters={"sent": 2, "outstanding": 4}))
    assert run.line() == "4 orders under way   0.0/s   0 in flight   p95 5 ms (requests)   0 overdue"


def test_reads_cannot_be_overdue() -> None:
    clock = Clock(T0 + 1)
    reads = Progress(replace(PLAN, scenario="catalog"), Observations(), clock)
    reads.start = T0
    assert reads.line() == "1 of 5 s   0.0/s   0 in flight   p95 -"
    clock.at = T0 + 6
    assert reads.line() == "last answers   0.0/s   0 in flight   p95 -"


class Beginning:
    """A progress that learns at the third look when the load begins."""

    def __init__(self) -> None:
        self.looks = 0

    @property
    def start(self) -> float:
        self.looks += 1
        return T0 if self.looks >= 3 else math.inf

    def line(self) -> str:
        return f"after {self.looks} looks"


def test_nothing_is_shown_before_it_is_known_when_the_load_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_S", 0.001)
    lines: list[str] = []
    told = Event()

    def show(line: str) -> None:
        lines.append(line)
        told.set()

    with progress.shown(Beginning(), show):  # type: ignore[arg-type]
        assert told.wait(30)
    assert lines[0] == "after 3 looks"
