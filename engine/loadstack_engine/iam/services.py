"""Calls that a service makes with a role that it was given."""

from collections.abc import Mapping
from typing import Any

from loadstack_engine.iam.record import RECORD
from loadstack_engine.runtime import _loadstack_iam as iam
from loadstack_engine.settings import SETTINGS
from loadstack_engine.usage.harmless import harmless


@harmless
def asked(role: str, caller: str, service: str, operation: str, parameters: Mapping[str, Any], region: str) -> None:
    """``service`` by botocore's name, ``parameters`` as the SDK takes them."""
    found = iam.asked(service, operation, parameters, region, {})
    RECORD.add(role, caller, [(action, resource, 1) for action, resource in found])


def watched(client: Any, role: str, caller: str) -> Any:
    """A client of botocore's with the credentials of ``role``, whose calls are recorded from now on."""
    if not role or not SETTINGS.iam:
        return client

    def record(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        asked(role, caller, model.service_model.service_name, model.name, params, client.meta.region_name)

    client.meta.events.register("provide-client-params.*.*", record)
    return client
