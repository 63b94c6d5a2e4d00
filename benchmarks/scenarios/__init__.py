"""The scenarios, by the name that ``ONLY=`` takes, in the order in which a round goes through them."""

from benchmarks.scenarios import cold, drain, latency, lifecycle, memory, orders, ping
from benchmarks.scenarios.base import Scenario

_ALL = (ping, orders, latency, memory, drain, cold, lifecycle)
SCENARIOS: dict[str, Scenario] = {each.SCENARIO.name: each.SCENARIO for each in _ALL}
