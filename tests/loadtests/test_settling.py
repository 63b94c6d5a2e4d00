from __future__ import annotations

from collections.abc import Iterator

from loadtests.breakpoint.settling import AT_MOST_S, Settling, Wait


class Clock:
    def __init__(self, *, ends_at: float = float("inf")) -> None:
        self.at = 0.0
        self.ends_at = ends_at

    def now(self) -> float:
        return self.at

    def pause(self, seconds: float) -> bool:
        self.at += seconds
        return self.at >= self.ends_at


def settling(looks: Iterator[int | None], clock: Clock) -> Settling:
    return Settling(lambda: next(looks), clock.pause, clock.now)


def test_stack_is_back_when_nothing_waits_for_some_looks() -> None:
    clock = Clock()
    assert settling(iter([0, 9, 0, 4, 0, 0, 0]), clock).wait() == Wait(2.5, is_back=True)


def test_what_waited_before_the_first_step_may_wait_on() -> None:
    assert settling(iter([3, 3, 2, 3]), Clock()).wait() == Wait(1.0, is_back=True)


def test_look_that_fails_says_nothing() -> None:
    assert settling(iter([0, 0, 0, None, 0, 0, 0]), Clock()).wait() == Wait(2.5, is_back=True)


def test_stack_that_does_not_come_back_is_waited_for_only_so_long() -> None:
    looks = iter([0, *[1] * 1000])
    assert settling(looks, Clock()).wait() == Wait(AT_MOST_S, is_back=False)


def test_stack_that_tells_of_no_queues_is_not_waited_for() -> None:
    clock = Clock()
    assert settling(iter([None]), clock).wait() == Wait(0.0, is_back=None)
    assert clock.at == 0


def test_search_that_is_ended_waits_no_longer() -> None:
    assert settling(iter([0, *[1] * 1000]), Clock(ends_at=2.0)).wait() == Wait(2.0, is_back=False)
