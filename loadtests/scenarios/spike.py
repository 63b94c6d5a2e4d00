"""Scenario `spike`: the journey of `order` at `rate`, then for ten seconds at ten times as much, then at `rate` again.

What is asked is how long it takes until the queues and the latency are back where they were. So most of the time is
after the spike. Of a run below half a minute the spike is a third, so that there is a before and an after.
"""

from typing import Final

from loadtests.arrivals.schedule import Schedule, Step
from loadtests.scenarios.base import Defaults
from loadtests.scenarios.order import OrderScenario

FACTOR: Final = 10
SPIKE_S: Final = 10.0
BEFORE: Final = 0.3
"""How much of what is left beside the spike comes before it."""


def spike(rate: float, duration_s: float) -> Schedule:
    """Before, spike, after. The spike is never longer than a third of the duration."""
    spike_s = min(SPIKE_S, duration_s / 3)
    before_s = (duration_s - spike_s) * BEFORE
    return Schedule((Step(rate, before_s), Step(rate * FACTOR, spike_s), Step(rate, duration_s - spike_s - before_s)))


SCENARIO: Final = OrderScenario(Defaults(rate=2.0, duration_s=60.0), spike)
