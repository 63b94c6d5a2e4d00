"""Calls an operation of a provider as LocalStack's skeleton does, and answers its errors as LocalStack's chain does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.model import OperationModel, ServiceModel
from localstack import config
from localstack.aws import handlers
from localstack.aws.api import RequestContext, ServiceException
from localstack.aws.handlers.response import ResponseMetadataEnricher
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.skeleton import Skeleton
from localstack.http import Response
from localstack.services.plugins import SERVICE_PLUGINS
from localstack.utils.bootstrap import is_api_enabled
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine.front.lazy_request import LazyRequest
from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.hot_operations.admission import Caller

type Answer = HttpResponse | Response
type Serialize = Callable[[Any, str], HttpResponse]

_SKELETONS: dict[str, Skeleton] = {}


@dataclass(frozen=True)
class Operation:
    """An operation as LocalStack's context names it."""

    service: ServiceModel
    protocol: str
    model: OperationModel | None


class _Counted(NamedTuple):
    """What LocalStack's counter of requests asks of an answer."""

    status_code: int


def skeleton_of(service: str) -> Skeleton | None:
    """The running service's; None where it was not used yet: the chain then starts it."""
    if service not in _SKELETONS:
        if not is_api_enabled(service) or not SERVICE_PLUGINS.is_running(service):
            return None
        _SKELETONS[service] = SERVICE_PLUGINS.require(service).skeleton
    return _SKELETONS[service]


def context_of(request: HttpRequest, caller: Caller, operation: Operation) -> RequestContext:
    """As LocalStack's chain fills it before it calls a provider."""
    context = RequestContext(LazyRequest(request, (("x-moto-account-id", caller.account_id),)))
    trace_header = TraceHeader.from_header_str(request.fields.get("x-amzn-trace-id")).ensure_root_exists()
    context.__dict__.update(
        service=operation.service,
        protocol=operation.protocol,
        operation=operation.model,
        account_id=caller.account_id,
        region=caller.region,
        partition=caller.partition,
        trace_context={"aws_trace_header": trace_header},
    )
    return context


def perform(skeleton: Skeleton, context: RequestContext, instance: Any, serialize: Serialize) -> Answer:
    """Call the provider with ``instance``; ``serialize`` makes the answer of its result and the request's id.

    Where that raises, LocalStack's serializer has the result: it may know better, or have an error for it.
    """
    context.service_request = instance
    answer = _result(skeleton, context, instance, serialize)
    if not config.DISABLE_EVENTS:
        status = answer.status if isinstance(answer, HttpResponse) else answer.status_code
        handlers.count_service_request(None, context, _Counted(status))
    return _enriched(answer)


def _result(skeleton: Skeleton, context: RequestContext, instance: Any, serialize: Serialize) -> Answer:
    serializer = create_serializer(context.service, context.protocol)
    try:
        result = skeleton.dispatch_table[context.operation.name](context, instance) or {}
        if isinstance(result, Response):
            return result
        context.service_response = result
        try:
            return serialize(result, context.request_id)
        except Exception:
            headers = context.request.headers
            return serializer.serialize_to_response(result, context.operation, headers, context.request_id)
    except ServiceException as error:
        return skeleton.on_service_exception(serializer, context, error)
    except NotImplementedError as error:
        return skeleton.on_not_implemented_error(serializer, context, error)
    except Exception as error:
        return _failure(error, context)


def _failure(error: Exception, context: RequestContext) -> Response:
    response = Response()
    for handler in (handlers.log_exception, handlers.handle_service_exception, handlers.handle_internal_failure):
        handler(None, error, context, response)
    return response


def _enriched(answer: Answer) -> Answer:
    """With LocalStack's mark, where that is on."""
    if any(type(each) is ResponseMetadataEnricher for each in handlers.run_custom_response_handlers.handlers):
        if isinstance(answer, HttpResponse):
            answer.headers.append(("x-localstack", "true"))
        else:
            answer.headers["x-localstack"] = "true"
    return answer
