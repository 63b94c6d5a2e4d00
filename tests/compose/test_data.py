"""What outlives a container, and what does not outlive ``down --volumes``."""

from __future__ import annotations

import pytest

from tests.compose.conftest import NOTHING, Containers, Project, left_of
from tests.conftest import Aws

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def orders(containers: Containers) -> set[str]:
    pages = Aws(containers.endpoint)("dynamodb").get_paginator("scan").paginate(TableName="orders")
    return {item["orderId"]["S"] for page in pages for item in page["Items"] if "orderId" in item}


def test_orders_in_a_volume_outlive_their_container_and_the_shop_goes_on(project: Project) -> None:
    with project(DATA="volume") as containers:
        containers.compose("up --build --detach")
        containers.bootstrapped()
        containers.order()
        before = orders(containers)
        assert before

        containers.compose("down --timeout 10")
        assert left_of(containers.project) == NOTHING | {"volumes": left_of(containers.project)["volumes"]}
        containers.compose("up --detach")
        containers.bootstrapped()
        assert orders(containers) == before
        containers.order()
        assert orders(containers) > before

        containers.compose("down --volumes --timeout 10")
        assert left_of(containers.project) == NOTHING
        assert not containers.answers()
