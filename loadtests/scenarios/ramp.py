"""Scenario `ramp`: the journey of `order` at five rates, one after the other: a fifth of `rate`, two fifths, … all.

Each is held for a fifth of the duration, and the scaling table has a row for it. The warm-up is at the first rate.
"""

from typing import Final

from loadtests.arrivals.schedule import Schedule, Step
from loadtests.scenarios.base import Defaults
from loadtests.scenarios.order import OrderScenario

STEPS: Final = 5


def ramp(rate: float, duration_s: float) -> Schedule:
    """Equal steps up to `rate`."""
    return Schedule(tuple(Step(rate * step / STEPS, duration_s / STEPS) for step in range(1, STEPS + 1)))


SCENARIO: Final = OrderScenario(Defaults(rate=20.0, duration_s=150.0), ramp)
