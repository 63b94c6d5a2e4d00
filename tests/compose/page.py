"""Locust's master in the containers, by what its web page uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.compose.conftest import Containers
from tests.waiting import until

LIMIT_S = 180


def told(shop: Containers) -> dict[str, Any]:
    """What the page shows."""
    figures: dict[str, Any] = requests.get(f"{shop.ui}/stats/requests", timeout=30).json()
    return figures


def states(shop: Containers) -> dict[str, str]:
    """Of the workers by their container."""
    return {worker["id"].partition("_")[0]: worker["state"] for worker in told(shop).get("workers", [])}


def count(shop: Containers, *wanted: str) -> int:
    """The workers in these states."""
    return sum(state in wanted for state in states(shop).values())


def orders(shop: Containers) -> int:
    """How many have been followed to their end in the test that runs."""
    rows = {row["name"]: row["num_requests"] for row in told(shop)["stats"]}
    return int(rows.get("order accepted→final", 0))


def scale(shop: Containers, workers: int) -> None:
    """Have so many workers, that the master knows of."""
    shop.compose(f"--profile load up --detach --no-deps --no-recreate --scale locust-worker={workers} locust-worker")
    assert len(shop.ids("locust-worker")) == workers
    until(lambda: count(shop, "ready", "running") == workers, LIMIT_S)


@contextmanager
def swarm(shop: Containers) -> Iterator[None]:
    """Two users who order twice a second each, started on the page; again where the master could not open the shop,
    as happens where a function was too slow on a busy machine: it stops the test and says so in its log.
    """
    form = {"user_count": "2", "spawn_rate": "2", "rate": "2", "scenario": "order"}

    def begun() -> bool:
        if told(shop)["state"] in ("stopped", "ready"):
            answer = requests.post(f"{shop.ui}/swarm", data=form, timeout=30).json()
            assert answer["success"], answer
            until(lambda: told(shop)["state"] not in ("stopped", "ready"), LIMIT_S)
        return orders(shop) >= 4

    try:
        until(begun, LIMIT_S)
        yield
    finally:
        requests.get(f"{shop.ui}/stop", timeout=60).raise_for_status()
        until(lambda: told(shop)["state"] in ("stopped", "ready"), LIMIT_S)
