from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from loadtests.arrivals.open_model import OpenModel


@dataclass
class JumpingClock:
    """Time passes when somebody sleeps, by a little more than was asked for."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class InlinePool:
    """Runs what it is given at once, unless it is full."""

    is_full: Callable[[], bool] = lambda: False

    def full(self) -> bool:
        return self.is_full()

    def spawn(self, run: Callable[[float], None], at: float) -> object:
        run(at)
        return None


def model(clock: JumpingClock, started: list[tuple[float, float]], **changes: object) -> OpenModel:
    options: dict[str, object] = {
        "arrivals": [1000.0 + i / 10 for i in range(10)],
        "iterate": lambda at: started.append((at, clock.now)),
        "dropped": lambda at: pytest.fail(f"dropped {at}"),
        "pool": InlinePool(),
        "clock": clock,
        "stop": lambda: False,
    }
    return OpenModel(**{**options, **changes})  # type: ignore[arg-type]


def test_arrivals_start_at_their_instants() -> None:
    started: list[tuple[float, float]] = []
    clock = JumpingClock()
    model(clock, started).run()
    assert [at for at, _ in started] == [1000.0 + i / 10 for i in range(10)]
    assert all(now == pytest.approx(at) for at, now in started)


def test_arrivals_after_a_stall_start_at_once_with_the_instants_intended() -> None:
    started: list[tuple[float, float]] = []
    clock = JumpingClock()

    def iterate(at: float) -> None:
        started.append((at, clock.now))
        if len(started) == 3:
            clock.now += 0.45

    model(clock, started, iterate=iterate).run()
    assert [at for at, _ in started] == [1000.0 + i / 10 for i in range(10)]
    assert [round(now - at, 3) for at, now in started] == [0, 0, 0, 0.35, 0.25, 0.15, 0.05, 0, 0, 0]


def test_arrivals_that_find_the_pool_full_are_dropped_and_told() -> None:
    started: list[tuple[float, float]] = []
    dropped: list[float] = []
    clock = JumpingClock()
    pool = InlinePool(lambda: 1000.25 < clock.now < 1000.55)
    model(clock, started, pool=pool, dropped=dropped.append).run()
    assert dropped == [1000.0 + i / 10 for i in (3, 4, 5)]
    assert len(started) == 7


def test_stop_ends_it_although_the_next_arrival_is_far_away() -> None:
    started: list[tuple[float, float]] = []
    clock = JumpingClock()
    arrivals = [1000.0, 5000.0]
    model(clock, started, arrivals=arrivals, stop=lambda: clock.now > 1010).run()
    assert started == [(1000.0, 1000.0)]
    assert clock.now < 1011


def test_preparation_leads_and_does_not_hold_up_the_arrival() -> None:
    started: list[tuple[float, float]] = []
    prepared: list[tuple[float, float]] = []
    clock = JumpingClock(999.0)
    model(
        clock,
        started,
        prepare=lambda at: prepared.append((at, clock.now)),
        prepare_pool=InlinePool(),
        lead_s=0.5,
    ).run()
    assert all(now == pytest.approx(at - 0.5) for at, now in prepared)
    assert all(now == pytest.approx(at) for at, now in started)
    assert len(prepared) == len(started) == 10
