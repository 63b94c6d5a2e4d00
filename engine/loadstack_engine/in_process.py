"""One service's own methods, called by another: no client, no HTTP, no request to serialise and parse again."""

import copy
import io
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from botocore import xform_name
from localstack.aws.api import RequestContext
from localstack.aws.api.lambda_ import InvocationType, ResourceNotFoundException
from localstack.aws.spec import get_service_catalog
from localstack.services.lambda_.api_utils import function_locators_from_arn
from localstack.services.lambda_.invocation.lambda_models import Function, InvocationResult
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.plugins import SERVICE_PLUGINS, ServiceState
from localstack.utils.aws.arns import extract_account_id_from_arn, extract_region_from_arn
from localstack.utils.strings import long_uid
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine.front.lazy_request import LazyRequest
from loadstack_engine.front.messages import HttpRequest
from loadstack_engine.iam import services as iam
from loadstack_engine.usage import between_services

_NO_REQUEST = HttpRequest("GET", "/", headers=[("Host", "127.0.0.1")], fields={"host": "127.0.0.1"})
_UNCHANGING = (str, bytes, int, float, bool, type(None))


def provider_of(service: str) -> Any:
    """The provider of a service, started where it was not used before; its methods are the API's operations.

    Also while the service stops: its own threads have to finish then. LocalStack's ``require`` waits half a minute for
    that stop to be over first.
    """
    container = SERVICE_PLUGINS.get_service_container(service)
    if container is not None and container.state in (ServiceState.RUNNING, ServiceState.STOPPING):
        return container.service._provider
    return SERVICE_PLUGINS.require(service)._provider


def context_of(account_id: str, region: str, service: str | None = None) -> RequestContext:
    """What an operation of a provider takes first, for a call that no HTTP request stands behind.

    ``service`` is for the providers that ask which protocol they are spoken to in (SQS does).
    """
    context = RequestContext(LazyRequest(_NO_REQUEST))
    context.service = get_service_catalog().get(service) if service else None
    context.account_id = account_id
    context.region = region
    context.partition = "aws"
    return context


class Client:
    """A service's operations by boto3's names and parameters: ``Client("sqs", account, region).send_message(…)``.

    It stands in for a boto3 client where LocalStack calls one service from another. The provider validates as it does
    behind HTTP; what it raises is its own ``ServiceException``, and what it answers has no ``ResponseMetadata``. Only
    for operations that LocalStack implements itself: one that falls back on moto raises ``NotImplementedError``.

    ``origin`` is the service that calls, for ``/_loadstack/usage``; without it, the calls are in no bill. ``role`` is
    the ARN of the role that it calls with, for ``/_loadstack/iam/calls``.
    """

    def __init__(
        self, service: str, account_id: str, region: str, origin: str | None = None, role: str | None = None
    ) -> None:
        self._service = service
        self._account_id = account_id
        self._region = region
        self._origin = origin
        self._role = role

    @classmethod
    def of(cls, service: str, arn: str, origin: str | None = None, role: str | None = None) -> "Client":
        """For the account and region of a resource."""
        return cls(service, extract_account_id_from_arn(arn), extract_region_from_arn(arn), origin, role)

    def request_metadata(self, **_: Any) -> "Client":
        """On whose behalf a call is made; nothing in LocalStack's open edition reads it."""
        return self

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._call, operation)

    def _call(self, operation: str, /, **parameters: Any) -> Any:
        context = context_of(self._account_id, self._region, self._service)
        context.operation = context.service.operation_model(_operations(self._service)[operation])
        trace_header = parameters.pop("TraceHeader", None) or TraceHeader().ensure_root_exists()
        context.trace_context["aws_trace_header"] = trace_header
        if self._role:
            iam.asked(
                self._role,
                self._origin or self._service,
                self._service,
                context.operation.name,
                parameters,
                self._region,
            )
        method = getattr(provider_of(self._service), operation)
        answer = method(context, **{xform_name(name): _own(name, value) for name, value in parameters.items()})
        if self._origin:
            between_services.count(self._origin, self._service, context.operation.name, parameters, answer)
        return answer


@lru_cache(maxsize=128)
def _operations(service: str) -> dict[str, str]:
    """The API's names of operations by those of methods."""
    return {xform_name(name): name for name in get_service_catalog().get(service).operation_names}


@lru_cache(maxsize=4096)
def queue_url(arn: str) -> str:
    """Raises ``QueueDoesNotExist``; a queue that goes later keeps its URL."""
    account_id, name = arn.split(":")[-2:]
    answer = Client.of("sqs", arn).get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account_id)
    return str(answer["QueueUrl"])


def _own(name: str, value: Any) -> Any:
    """What the provider may keep or change, as it may what comes over HTTP."""
    if name == "Payload":
        return io.BytesIO(value)
    return value if isinstance(value, _UNCHANGING) else copy.deepcopy(value)


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


def function_of(arn: str) -> Function | None:
    """The function that an ARN of it, or of a version or an alias, names; None where there is none."""
    name, _, account_id, region = _locate(arn)
    return lambda_stores[account_id][region].functions.get(name) if name is not None else None


def longest_timeout_s(arn: str) -> int:
    """The longest timeout, in seconds, among the versions of this ARN's function; 0 where there is none such."""
    function = function_of(arn)
    return max((version.config.timeout for version in list(function.versions.values())), default=0) if function else 0


@lru_cache(maxsize=4096)
def _locate(arn: str) -> tuple[str | None, str | None, str | None, str | None]:
    name, qualifier, account_id, region = function_locators_from_arn(arn)
    return name, qualifier, account_id, region
