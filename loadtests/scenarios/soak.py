"""Scenario `soak`: the journey of `order` at a steady rate for long. Drift of latency and of memory is judged."""

from typing import Final

from loadtests.scenarios.base import Defaults
from loadtests.scenarios.order import OrderScenario

SCENARIO: Final = OrderScenario(Defaults(rate=5.0, duration_s=3600.0))
