"""Workers of Locust that come, go and are killed."""

from __future__ import annotations

import pytest

from tests.compose.conftest import Containers, docker
from tests.compose.page import LIMIT_S, count, orders, scale, states, swarm, told
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_workers_come_and_go(shop: Containers) -> None:
    for workers in (1, 3, 2):
        scale(shop, workers)


def test_killed_worker_is_missed_and_the_others_go_on(shop: Containers) -> None:
    scale(shop, 2)
    with swarm(shop):
        until(lambda: count(shop, "running") == 2, LIMIT_S)
        gone = shop.ids("locust-worker")[0]
        docker("kill", gone)

        until(lambda: states(shop)[gone[:12]] == "missing", LIMIT_S)
        assert f"{gone[:12]}" in shop.compose("logs --no-color locust-master").partition("setting state to missing")[0]
        before = orders(shop)
        until(lambda: orders(shop) > before + 5, LIMIT_S)
        assert told(shop)["state"] == "running"
        assert count(shop, "running") == 1

    scale(shop, 2)
