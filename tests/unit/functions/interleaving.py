"""Deliveries that run side by side, take their steps in any order, and die at any of them.

The fakes that stand around a service call `step()` before each of their operations. What is not between two of these
cannot be seen from outside, so all that matters of concurrency happens here, and Hypothesis can draw it and shrink it.
"""

from collections.abc import Callable, Iterable, Sequence

from greenlet import getcurrent, greenlet
from hypothesis import strategies as st

type Delivery = Callable[[], object]

SCHEDULES = st.lists(st.tuples(st.integers(0, 7), st.sampled_from([False, False, False, True])), max_size=60)
"""Turns: who is next, and whether he dies there instead. After the last turn everybody comes through."""


class CrashError(BaseException):
    """The function died. No Exception: no code outlives it."""


def step() -> None:
    """Let others go first; die, if it is so drawn. Outside of `side_by_side` nothing happens."""
    if (scheduler := getcurrent().parent) is not None:
        scheduler.switch()


def side_by_side(
    deliveries: Sequence[Delivery], schedule: Iterable[tuple[int, bool]], check: Callable[[], None]
) -> None:
    """Run `deliveries` as a queue does: what dies comes again, until each has come through.

    `check` is called after every step. What a delivery raises besides CrashError is raised.
    """
    turns = iter(schedule)
    open_ = [(delivery, greenlet(delivery)) for delivery in deliveries]
    while open_:
        number, dies = next(turns, (0, False))
        place = number % len(open_)
        delivery, running = open_[place]
        try:
            if dies:
                running.throw(CrashError)
            else:
                running.switch()
        except CrashError:
            open_[place] = (delivery, greenlet(delivery))
        else:
            if running.dead:
                del open_[place]
        check()
