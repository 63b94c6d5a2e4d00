"""Reserved, provisioned and account concurrency: which invocations may run at once.

As LocalStack counts them, with AWS's reasons for a refusal:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from localstack import config
from localstack.aws.api.lambda_ import ProvisionedConcurrencyStatusEnum, ThrottleReason, TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import Function, FunctionVersion, InitializationType
from localstack.services.lambda_.invocation.models import lambda_stores


def too_many_requests(reason: ThrottleReason) -> TooManyRequestsException:
    """What a caller that is throttled gets: HTTP 429."""
    return TooManyRequestsException("Rate Exceeded.", Reason=reason, Type="User")


class ConcurrencyLimits:
    """Counts the invocations in work. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on_demand: Counter[tuple[str, str, str]] = Counter()  # by account, region, function
        self._provisioned: Counter[str] = Counter()  # by qualified ARN

    @contextmanager
    def lease(
        self, function: Function | None, version: FunctionVersion, provisioned_state: Any
    ) -> Iterator[InitializationType]:
        """Run an invocation within: on a provisioned environment, where one is free, or else on demand.

        Raises:
            TooManyRequestsException: the function's reserved, or the account's, concurrency is in use.
        """
        arn = version.qualified_arn
        with self._lock:
            kind = self._lease(function, version, provisioned_state, arn)
        try:
            yield kind
        finally:
            with self._lock:
                if kind == InitializationType.provisioned_concurrency:
                    self._provisioned[arn] -= 1
                else:
                    self._on_demand[_key(version)] -= 1

    def _lease(
        self, function: Function | None, version: FunctionVersion, provisioned_state: Any, arn: str
    ) -> InitializationType:
        if function is not None:
            ready = provisioned_state and provisioned_state.status == ProvisionedConcurrencyStatusEnum.READY
            if ready and self._provisioned[arn] < _provisioned_of(function, version.id.qualifier):
                self._provisioned[arn] += 1
                return InitializationType.provisioned_concurrency
            if function.reserved_concurrent_executions is not None:
                free = function.reserved_concurrent_executions - _provisioned_sum(function)
                if self._on_demand[_key(version)] >= free:
                    raise too_many_requests(ThrottleReason.ReservedFunctionConcurrentInvocationLimitExceeded)
            elif self._unreserved_in_use(version) >= config.LAMBDA_LIMITS_CONCURRENT_EXECUTIONS:
                raise too_many_requests(ThrottleReason.ConcurrentInvocationLimitExceeded)
        self._on_demand[_key(version)] += 1
        return InitializationType.on_demand

    def _unreserved_in_use(self, version: FunctionVersion) -> int:
        """Of the account's concurrency in this region: what is reserved, provisioned, or running without either."""
        account, region = version.id.account, version.id.region
        used = 0
        for name, function in list(lambda_stores[account][region].functions.items()):
            if function.reserved_concurrent_executions is not None:
                used += function.reserved_concurrent_executions
            else:
                used += _provisioned_sum(function) + self._on_demand[account, region, name]
        return used


def _key(version: FunctionVersion) -> tuple[str, str, str]:
    return version.id.account, version.id.region, version.id.function_name


def _provisioned_of(function: Function, qualifier: str) -> int:
    """What is configured for a version, itself or through an alias of it."""
    configurations = function.provisioned_concurrency_configs
    names = [qualifier, *(alias.name for alias in function.aliases.values() if alias.function_version == qualifier)]
    found = next((configurations[name] for name in names if name in configurations), None)
    return found.provisioned_concurrent_executions if found else 0


def _provisioned_sum(function: Function) -> int:
    configurations = function.provisioned_concurrency_configs
    return sum(each.provisioned_concurrent_executions for each in configurations.values()) if configurations else 0


def limits_of(names: Collection[str]) -> dict[str, dict[str, Any]]:
    """``{reserved_concurrency, maximum_concurrency}`` by function: what is set for it now, and for its mappings of
    queues by the queue's name. Of several functions of one name, in several accounts or regions, the first's.
    """
    found: dict[str, dict[str, Any]] = {}
    for _, _, store in lambda_stores.iter_stores():
        for name, function in list(store.functions.items()):
            if name in names and name not in found:
                reserved = function.reserved_concurrent_executions
                found[name] = {"reserved_concurrency": reserved, "maximum_concurrency": {}}
        for mapping in list(store.event_source_mappings.values()):
            name = mapping["FunctionArn"].split(":")[6]
            most = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency")
            if most and name in found:
                found[name]["maximum_concurrency"][mapping["EventSourceArn"].rsplit(":", 1)[-1]] = most
    return found


LIMITS = ConcurrencyLimits()
