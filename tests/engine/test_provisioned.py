"""Provisioned concurrency for which there are no places, without LocalStack."""

from types import SimpleNamespace

from loadstack_engine import invocation_path
from loadstack_engine.environment_pools import EnvironmentPools, NoRoomError


def test_environments_of_before_are_still_known_where_more_find_no_place(monkeypatch):
    pools = EnvironmentPools(limit=2, parallel_starts=1, keep_alive_s=60, stop=lambda environment: None)
    pools.open("orders/manager")
    monkeypatch.setattr(invocation_path, "POOLS", pools)
    service = SimpleNamespace(environments={"manager": {"id": "environment"}})
    version = SimpleNamespace(id=SimpleNamespace(function_name="orders"))

    [scaled] = invocation_path._scale_provisioned(service, "manager", version, 3)

    assert isinstance(scaled.exception(), NoRoomError)
    assert service.environments == {"manager": {"id": "environment"}}
