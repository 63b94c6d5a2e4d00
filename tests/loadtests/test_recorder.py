from __future__ import annotations

import time

import pytest

from loadtests.batch import Batch
from loadtests.orders import LATE_AFTER_S, OrderBook
from loadtests.recorder import Recorder
from loadtests.records import Placed


@pytest.mark.parametrize(("ago_s", "overdue"), [(0.0, 0), (LATE_AFTER_S + 5, 1)])
@pytest.mark.parametrize("shift_s", [0.0, 3600.0, -3600.0])
def test_order_is_overdue_by_its_age_whatever_the_stacks_clock_says(shift_s: float, ago_s: float, overdue: int) -> None:
    told: list[Batch] = []
    recorder = Recorder(0, OrderBook("lt-"), told.append, shift_s)
    at = time.time() - ago_s
    recorder.placed(Placed("lt-1", at, at, at, 202, "o-1"))
    recorder.flush({})
    assert told[-1].counters["overdue"] == overdue
