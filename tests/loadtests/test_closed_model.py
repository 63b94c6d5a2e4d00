from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from loadtests.arrivals.closed_model import ClosedModel, thinking


@dataclass
class Clock:
    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def run(
    iteration_s: float, prepare_s: float, end: float, stop_at: float = 1e9, think: Callable[[], float] | None = None
) -> list[float]:
    clock = Clock()
    started: list[float] = []

    def iterate(at: float) -> None:
        started.append(at)
        clock.now += iteration_s

    def prepare(_: float) -> None:
        clock.now += prepare_s

    ClosedModel(end, iterate, clock, lambda: clock.now >= stop_at, prepare, think).run()
    assert clock.now <= min(end, stop_at) + iteration_s + prepare_s
    return started


def test_user_loops_without_a_pause_until_the_end() -> None:
    assert run(iteration_s=1, prepare_s=0, end=4) == [0, 1, 2, 3]


def test_user_counts_from_when_it_is_ready() -> None:
    assert run(iteration_s=1, prepare_s=1, end=6) == [1, 3, 5]


def test_user_starts_nothing_once_preparing_took_it_past_the_end() -> None:
    assert run(iteration_s=1, prepare_s=3, end=3) == []


def test_user_stops_between_iterations() -> None:
    assert run(iteration_s=1, prepare_s=0, end=100, stop_at=2) == [0, 1]


def test_user_thinks_before_each_iteration() -> None:
    assert run(iteration_s=1, prepare_s=0, end=6, think=lambda: 0.5) == [0.5, 2.0, 3.5, 5.0]


def test_user_that_thinks_past_the_end_starts_nothing() -> None:
    assert run(iteration_s=1, prepare_s=0, end=6, think=lambda: 3600.0) == []


def test_user_that_is_stopped_thinks_no_longer() -> None:
    assert run(iteration_s=1, prepare_s=0, end=7200, stop_at=10, think=lambda: 3600.0) == []


def test_thinking_varies_around_its_mean() -> None:
    think = thinking(2.0, random.Random(1))
    assert think is not None
    pauses = [think() for _ in range(2_000)]
    assert min(pauses) >= 1.0
    assert max(pauses) <= 3.0
    assert sum(pauses) / len(pauses) == pytest.approx(2.0, rel=0.05)


def test_thinking_for_no_time_is_no_pause() -> None:
    assert thinking(0.0, random.Random(1)) is None
