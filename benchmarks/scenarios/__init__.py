"""The scenarios, by the name that ``ONLY=`` takes, in the order in which a round goes through them."""

from benchmarks.scenarios import latency, orders, ping
from benchmarks.scenarios.base import Scenario

SCENARIOS: dict[str, Scenario] = {each.name: each for each in (ping.SCENARIO, orders.SCENARIO, latency.SCENARIO)}
