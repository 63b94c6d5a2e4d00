"""How often a resource is looked at that is not there yet: every 50 ms, where LocalStack sleeps for a second.

A table, a function, a stream take some tens of milliseconds here; the stack's resources are made one after the other.
"""

from typing import Any

from localstack import config
from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor

PERIOD_S = 0.05


def use() -> None:
    loop = ResourceProviderExecutor.deploy_loop

    def deploy_loop(
        executor: ResourceProviderExecutor,
        provider: Any,
        resource: dict[str, Any],
        payload: Any,
        max_timeout: float = config.CFN_PER_RESOURCE_TIMEOUT,
        sleep_time: float = PERIOD_S,
    ) -> Any:
        return loop(executor, provider, resource, payload, max_timeout, sleep_time)

    ResourceProviderExecutor.deploy_loop = deploy_loop
