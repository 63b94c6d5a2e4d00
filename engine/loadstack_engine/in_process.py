"""One service's own methods, called by another: no client, no HTTP, no request to serialise and parse again."""

from functools import lru_cache
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.lambda_ import InvocationType, ResourceNotFoundException
from localstack.http import Request
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.strings import long_uid


def provider_of(service: str) -> Any:
    """The provider of a service, started where it was not used before; its methods are the API's operations."""
    return SERVICE_PLUGINS.require(service)._provider


def context_of(account_id: str, region: str) -> RequestContext:
    """What an operation of a provider takes first, for a call that no HTTP request stands behind."""
    context = RequestContext(Request())
    context.account_id = account_id
    context.region = region
    context.partition = "aws"
    context.request_id = long_uid()
    return context


def invoke_function(
    arn: str,
    payload: bytes,
    *,
    invocation_type: str = InvocationType.RequestResponse,
    client_context: str | None = None,
    trace_context: dict[str, Any] | None = None,
) -> InvocationResult | None:
    """Invoke the function, version or alias of this ARN; ``Event`` returns None as soon as it is queued.

    Raises:
        ServiceException: as ``Invoke`` answers it: no such function, throttled, not active.
    """
    name, qualifier, account_id, region = _locate(arn)
    if name is None:
        raise ResourceNotFoundException(f"Function not found: {arn}", Type="User")
    result: InvocationResult | None = provider_of("lambda").lambda_service.invoke(
        function_name=name,
        qualifier=qualifier,
        region=region,
        account_id=account_id,
        invocation_type=invocation_type,
        client_context=client_context,
        request_id=long_uid(),
        payload=payload,
        trace_context=trace_context or {},
    )
    return result


def longest_timeout_s(arn: str) -> int:
    """The longest timeout, in seconds, among the versions of this ARN's function; 0 where there is none such."""
    name, _, account_id, region = _locate(arn)
    if name is None:
        return 0
    function = lambda_stores[account_id][region].functions.get(name)
    return max((version.config.timeout for version in list(function.versions.values())), default=0) if function else 0


@lru_cache(maxsize=4096)
def _locate(arn: str) -> tuple[str | None, str | None, str | None, str | None]:
    name, qualifier, account_id, region = function_locators_from_arn(arn)
    return name, qualifier, account_id, region
