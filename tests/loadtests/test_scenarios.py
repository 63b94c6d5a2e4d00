"""What all scenarios have in common, and the loads that they are run with."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from loadtests import scenarios, slo
from loadtests.errors import SetupError, UsageError
from loadtests.plan import Plan
from loadtests.records import Placed
from loadtests.scenarios.base import Journey
from tests.loadtests.conftest import ROOT
from tests.loadtests.shop_http import Answer, RecordedHttp, answer, open_shop

NAMES = sorted(set(scenarios.MODULES) - {"replay"})  # which has its log's load: test_replay_scenario.py
ORDERING = [name for name in NAMES if scenarios.load(name).unit == "orders"]


def journey_of(name: str, http: RecordedHttp, placed: list[Placed], **options: Any) -> Journey:
    """A journey of a shop that has just been opened, without the requests until then."""
    scenario = scenarios.load(name)
    journey = scenario.journey(http, json.loads(json.dumps(scenario.open(http))), "lt-1-", placed.append, 3, **options)
    http.sent.clear()
    return journey


def plan(name: str, rate: float | None, users: int | None = None, duration_s: float = 60.0) -> Plan:
    return Plan(name, "http://127.0.0.1:4566", rate, users, duration_s, 0.0, 30.0, 1)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_make_a_load(name: str) -> None:
    scenario = scenarios.load(name)
    assert (scenario.defaults.rate is None) != (scenario.defaults.users is None)
    assert scenario.schedule(scenario.defaults.rate or 1.0, 7.0).duration_s == pytest.approx(7.0)
    assert scenario.lead_s >= 0
    assert scenario.unit.endswith("s")


@pytest.mark.parametrize("name", NAMES)
def test_locusts_page_has_the_scenario_or_says_which_command_has_it(name: str) -> None:
    if name in scenarios.on_page():
        scenarios.check_on_page(name)
        return
    assert name in ("breakpoint", "replay")
    with pytest.raises(UsageError, match=f"^SCENARIO={name} .*make load SCENARIO={name} does$"):
        scenarios.check_on_page(name)


def test_default_of_all_is_five_orders_a_second_for_a_minute() -> None:
    defaults = scenarios.load("order").defaults
    assert (defaults.rate, defaults.duration_s) == (5.0, 60.0)


@pytest.mark.parametrize("name", sorted(scenarios.MODULES))
def test_scenario_has_rules(name: str) -> None:
    assert slo.load(name)


@pytest.mark.parametrize("name", ORDERING)
def test_orders_are_told_of_with_an_id_of_their_own(name: str) -> None:
    http, placed = open_shop(), list[Placed]()
    journey = journey_of(name, http, placed)
    for at in range(20):
        journey.prepare(float(at))
        journey.iterate(float(at))
    orders = [sent for sent in http.sent if sent["method"] == "POST"]
    assert len(orders) == len(placed) == 20
    assert [sent["headers"]["X-Correlation-Id"] for sent in orders] == [order.correlation_id for order in placed]
    assert len({order.correlation_id for order in placed}) == 20
    assert all(order.correlation_id.startswith("lt-1-3-") and order.order_id for order in placed)
    assert all(sent["context"]["arrival"] == sent["context"]["intended"] for sent in orders)
    assert [order.intended for order in placed] == [float(at) for at in range(20)]


@pytest.mark.parametrize("name", ORDERING)
@pytest.mark.parametrize("reply", [answer(500, {}), Answer(0, None), answer(202, {}), Answer(202, b"hm")])
def test_order_without_a_proper_202_is_a_failure_and_not_accepted(name: str, reply: Answer) -> None:
    reply.failed = None
    http, placed = open_shop(orders=reply, queue=reply, checkout=reply), list[Placed]()
    journey = journey_of(name, http, placed)
    journey.prepare(1.0)
    journey.iterate(1.0)
    assert reply.failed is not None
    assert placed[0].order_id is None


@pytest.mark.parametrize("name", NAMES)
def test_journeys_of_one_seed_ask_alike(name: str) -> None:
    asked = []
    for _ in range(2):
        http = open_shop()
        journey = journey_of(name, http, [])
        for at in range(5):
            journey.prepare(float(at))
            journey.iterate(float(at))
        asked.append([(sent["method"], sent["url"], sent.get("data")) for sent in http.sent])
    assert asked[0] == asked[1]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"flash-sale"}))
def test_shop_without_enough_of_anything_is_a_setup_error(name: str) -> None:
    with pytest.raises(SetupError, match="no product to order"):
        scenarios.load(name).open(open_shop(products=answer(200, {"items": []})))


def test_ramp_goes_up_in_five_equal_steps() -> None:
    schedule = scenarios.load("ramp").schedule(20.0, 50.0)
    assert list(schedule.windows()) == [(0, 10, 4), (10, 20, 8), (20, 30, 12), (30, 40, 16), (40, 50, 20)]


def test_spike_is_ten_times_the_rate_for_ten_seconds() -> None:
    schedule = scenarios.load("spike").schedule(2.0, 60.0)
    assert list(schedule.windows()) == [(0, 15, 2), (15, 25, 20), (25, 60, 2)]


def test_spike_of_a_short_run_is_a_third_of_it() -> None:
    schedule = scenarios.load("spike").schedule(2.0, 6.0)
    assert [step.duration_s for step in schedule.steps] == pytest.approx([1.2, 2.0, 2.8])


@pytest.mark.parametrize("name", ["ramp", "spike"])
def test_users_cannot_go_through_rates(name: str) -> None:
    with pytest.raises(UsageError, match=f"SCENARIO={name}.*give RATE"):
        scenarios.check_load(plan(name, None, 5))


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"ramp", "spike"}))
def test_users_loop_through_everything_else(name: str) -> None:
    assert scenarios.check_load(plan(name, None, 5)).users == 5


def test_peak_of_a_spike_is_bounded_like_a_rate() -> None:
    assert scenarios.check_load(plan("spike", 200.0)).rate == 200
    with pytest.raises(UsageError, match="peak of 2010 arrivals a second; at most 2000"):
        scenarios.check_load(plan("spike", 201.0))


def test_looking_scenarios_up_leaves_the_standard_library_to_locust() -> None:
    """gevent warns, and TLS may break, when `ssl` is imported before it is patched."""
    look = "import sys; from loadtests import scenarios; [scenarios.load(name) for name in scenarios.MODULES]"
    done = subprocess.run(
        [sys.executable, "-c", f"{look}; print('ssl' in sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("name", "rate", "most_s"), [("order", 100.0, 3_998), ("ramp", 100.0, 6_666)])
def test_arrivals_beyond_what_memory_holds_are_refused(name: str, rate: float, most_s: float) -> None:
    fits = replace(plan(name, rate), duration_s=most_s, warmup_s=0.0)
    assert scenarios.check_load(fits) is fits
    with pytest.raises(UsageError, match="one run holds 400000"):
        scenarios.check_load(replace(fits, duration_s=most_s + 10))
