"""The scenarios in Locust's own hands: headless, in its web UI, and with worker processes of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
import requests

from tests.conftest import free_port
from tests.loadtests.conftest import ENVIRONMENT, ROOT, FakeStack
from tests.waiting import until

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "locust", "-f", str(ROOT / "loadtests" / "locustfile.py")]
# Locust itself warns.
ENVIRON = {**ENVIRONMENT, "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "")}


@dataclass(frozen=True)
class Ended:
    code: int
    output: str

    def count(self, kind: str, name: str) -> int:
        """How many of these Locust's table shows."""
        row = re.search(rf"^{kind} +{re.escape(name)} +(\d+)", self.output, re.MULTILINE)
        assert row, self.output
        return int(row[1])


def headless(stack: FakeStack, *options: str, until_posts: int | None) -> Ended:
    """Run Locust until so many orders came in; until it ends by itself for None."""
    command = [*COMMAND, "--headless", "--only-summary", "--host", stack.url, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRON) as locust:
        try:
            if until_posts is not None:
                until(lambda: len(stack.posts()) >= until_posts, timeout_s=60)
        finally:
            if until_posts is not None:
                locust.terminate()
            output, _ = locust.communicate(timeout=90)
            sys.stdout.write(output)  # which pytest shows when something fails
    return Ended(locust.returncode, output)


def gaps_s(stack: FakeStack) -> list[float]:
    """Between the orders, as they came in."""
    moments = sorted(post["at"] for post in stack.posts())
    return [later - earlier for earlier, later in pairwise(moments)]


def test_users_in_a_loop_order_and_what_became_of_it_shows(stack: FakeStack) -> None:
    locust = headless(stack, "--users", "1", "--think", "0.2", until_posts=5)
    assert locust.code == 0, locust.output
    assert locust.count("POST", "/orders") >= 4
    assert locust.count("ASYNC", "order accepted→final") >= 4
    assert min(gaps_s(stack)) >= 0.1
    assert stack.leftovers() == []


def test_user_at_a_rate_waits_for_no_answer(stack: FakeStack) -> None:
    stack.break_with(answer_delay_s=1.0)
    locust = headless(stack, "--users", "1", "--rate", "10", until_posts=30)
    assert locust.code == 0, locust.output
    # Far apart from 1 s each, which is what waiting for the answers would make of them.
    assert median(gaps_s(stack)) < 0.5


def test_workers_of_locust_s_own_share_the_users(stack: FakeStack) -> None:
    """Two users at 5 a second, one in each of two processes; the main process opens the shop for both."""
    options = ("--rate", "5", "--arrivals", "poisson", "--processes", "2")
    locust = headless(stack, "--users", "2", "--spawn-rate", "2", *options, until_posts=30)
    assert locust.code == 0, locust.output
    processes = {post["correlationId"].split("-")[1] for post in stack.posts()}
    assert len(processes) == 2
    assert locust.count("ASYNC", "order accepted→final") >= 10
    assert stack.leftovers() == []


def test_shop_that_lets_nobody_in_ends_the_test(stack: FakeStack) -> None:
    stack.break_with(no_login=True)
    locust = headless(stack, "--users", "3", until_posts=None)
    assert locust.code == 2
    assert "cannot log in" in locust.output
    assert "Traceback" not in locust.output
    assert stack.posts() == []


@contextmanager
def web_ui(stack: FakeStack, *options: str) -> Iterator[str]:
    port = free_port()
    command = [*COMMAND, "--web-host", "127.0.0.1", "--web-port", str(port), "--host", stack.url, *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRON) as locust:
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: answers(address), timeout_s=60)
            yield address
        finally:
            locust.terminate()
            _, errors = locust.communicate(timeout=60)
            sys.stdout.write(errors)  # which pytest shows when something fails
    assert "Traceback" not in errors


def answers(address: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(address, timeout=30).ok
    return False


def figures(address: str) -> dict[str, Any]:
    """Those of the test that runs, by the name of the request. Locust answers with the same for 2 s."""
    told = requests.get(f"{address}/stats/requests", timeout=30).json()
    return {row["name"]: row for row in told["stats"]} if told["state"] == "running" else {}


def start(address: str, **form: str) -> None:
    answer = requests.post(f"{address}/swarm", data={"spawn_rate": "10", **form}, timeout=30)
    assert answer.json()["success"]


def stop(address: str) -> None:
    requests.get(f"{address}/stop", timeout=30).raise_for_status()
    until(lambda: not figures(address))


def requests_of(address: str, name: str) -> int:
    return int(figures(address).get(name, {}).get("num_requests", 0))


def test_web_ui_asks_for_the_scenario_and_the_rate(stack: FakeStack) -> None:
    """First a loop of two users, then a rate, each started in the UI."""
    with web_ui(stack) as address:
        page = requests.get(address, timeout=30).text
        assert all(f'"{option}"' in page for option in ("scenario", "rate", "arrivals", "think"))
        start(address, user_count="2", rate="0", think="0.2")
        until(lambda: requests_of(address, "order accepted→final") >= 4)
        stop(address)
        stack.break_with(answer_delay_s=0.5)
        start(address, user_count="1", rate="10")
        until(lambda: len(stack.posts()) >= 30)
        stop(address)
        assert median(gaps_s(stack)) < 0.25  # and not 0.5 and more, as after each answer
    assert stack.leftovers() == []


def test_other_scenarios_are_chosen_in_the_web_ui(stack: FakeStack) -> None:
    with web_ui(stack) as address:
        for name, rate in (("checkout", "0"), ("catalog", "10"), ("ramp", "10")):
            start(address, user_count="1", scenario=name, rate=rate, think="0.05")
            until(lambda: requests_of(address, "Aggregated") >= 10)
            assert figures(address)["Aggregated"]["num_failures"] == 0, figures(address)
            stop(address)
    assert stack.leftovers() == []


def test_test_that_is_stopped_while_it_starts_leaves_nothing(stack: FakeStack) -> None:
    with web_ui(stack) as address:
        for _ in range(5):
            start(address, user_count="1")
            requests.get(f"{address}/stop", timeout=30).raise_for_status()
        start(address, user_count="1")
    assert stack.leftovers() == []


def test_scenario_of_several_rates_is_no_loop(stack: FakeStack) -> None:
    locust = headless(stack, "--scenario", "ramp", until_posts=None)
    assert locust.code == 2
    assert "SCENARIO=ramp goes through several rates: give RATE" in locust.output


def test_flash_sale_tells_what_is_left(stack: FakeStack) -> None:
    locust = headless(stack, "--scenario", "flash-sale", "--rate", "20", until_posts=10)
    assert locust.code == 0, locust.output
    assert re.search("flash-sale: .*before 100", locust.output), locust.output


def test_other_machine_is_left_alone(stack: FakeStack) -> None:
    locust = headless(stack, "--endpoint", "http://192.0.2.1:4566", until_posts=None)
    assert locust.code == 2
    assert "ALLOW_REMOTE=yes" in locust.output
