"""Scenario `breakpoint`: the journey of `order` at one rate after the other, until an SLO breaks (`breakpoint.steps`).

What stands here is one step: a rate, warmed up and held. `RATE` is the first of them.
"""

from typing import Final

from loadtests.scenarios.base import Defaults
from loadtests.scenarios.order import OrderScenario

SCENARIO: Final = OrderScenario(Defaults(rate=5.0, duration_s=20.0, warmup_s=5.0))
