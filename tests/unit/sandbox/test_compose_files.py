"""The two compose files beside each other."""

from typing import Any

import yaml

from sandbox import docker
from sandbox.paths import ROOT


def services(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())["services"]
    return found


def test_stock_engine_is_not_taken_for_ours() -> None:
    assert docker.SERVICE in services("docker-compose.yml")
    assert docker.SERVICE not in services("docker-compose.stock.yml")


def test_bootstrap_waits_for_the_stock_engine_and_works_on_it() -> None:
    stock = services("docker-compose.stock.yml")
    bootstrap = stock["bootstrap"]

    (engine,) = bootstrap["depends_on"]
    assert engine in stock
    assert bootstrap["environment"]["ENDPOINT"] == f"http://{engine}:4566"


def test_stock_engine_gives_queues_addresses_that_resolve() -> None:
    (engine,) = services("docker-compose.stock.yml").keys() - {"bootstrap"}

    assert services("docker-compose.stock.yml")[engine]["environment"]["SQS_ENDPOINT_STRATEGY"] == "path"
