"""``docker compose up`` alone ends with a stack that takes an order, in containers that may do next to nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.compose.conftest import Containers, docker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SERVICES = ("localstack", "bootstrap", "locust-master", "locust-worker")
RUNNING = ("localstack", "locust-master", "locust-worker")
MOST_BYTES = 900_000_000


def each(shop: Containers, service: str) -> list[dict[str, Any]]:
    containers: list[dict[str, Any]] = json.loads(docker("inspect", *shop.ids(service)))
    return containers


def test_bootstrap_prints_where_the_shop_is(shop: Containers) -> None:
    printed = shop.bootstrapped()
    assert f"{shop.endpoint}/_aws/execute-api/shop/dev" in printed


def test_order_is_notified(shop: Containers) -> None:
    shop.order()


def test_web_ui_of_locust_answers(shop: Containers) -> None:
    page = requests.get(shop.ui, timeout=30)
    assert page.ok
    assert "scenario" in page.text


@pytest.mark.parametrize("service", SERVICES)
def test_container_has_no_rights_but_those_it_needs(shop: Containers, service: str) -> None:
    for container in each(shop, service):
        host = container["HostConfig"]
        assert container["Config"]["User"] not in ("", "root", "0")
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert host["ReadonlyRootfs"] is True
        assert host["Privileged"] is False
        assert (host["PidMode"], host["IpcMode"]) in {("", "private"), ("", "shareable")}
        assert host["NetworkMode"] != "host"
        assert {mount["Type"] for mount in container["Mounts"]} <= {
            "volume",
            "tmpfs",
        }  # no folder of the host, no socket


@pytest.mark.parametrize("service", RUNNING)
def test_process_has_no_capability_and_gets_none(shop: Containers, service: str) -> None:
    for container in shop.ids(service):
        said = dict(line.split(":", 1) for line in docker("exec", container, "cat", "/proc/1/status").splitlines())
        assert int(said["CapEff"], 16) == int(said["CapPrm"], 16) == int(said["CapBnd"], 16) == 0
        assert said["NoNewPrivs"].strip() == "1"
        assert "0" not in said["Uid"].split()


def test_ports_are_on_the_loopback_only(shop: Containers) -> None:
    for service in SERVICES:
        for container in each(shop, service):
            ports = container["HostConfig"]["PortBindings"] or {}
            assert {binding["HostIp"] for bindings in ports.values() for binding in bindings} <= {"127.0.0.1"}


def test_image_is_small_and_says_what_it_is(shop: Containers) -> None:
    (image,) = {container["Image"] for service in SERVICES for container in each(shop, service)}
    (found,) = json.loads(docker("image", "inspect", image))
    labels = found["Config"]["Labels"]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.title"]
    assert found["Size"] <= MOST_BYTES
    names = {setting.partition("=")[0].upper() for setting in found["Config"]["Env"]}
    assert not {name for name in names if "PROXY" in name or name in ("PIP_INDEX_URL", "NPM_CONFIG_REGISTRY")}
