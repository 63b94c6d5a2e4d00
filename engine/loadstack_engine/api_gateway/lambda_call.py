"""A function invoked for a REST API: within the process, and no longer than the integration's timeout."""

import logging
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any, NoReturn

from localstack.aws.api.lambda_ import RequestTooLargeException, TooManyRequestsException
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BaseGatewayException,
    IntegrationFailureError,
    IntegrationTimeoutError,
)
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine import in_process
from loadstack_engine.api_gateway.payload import too_large
from loadstack_engine.iam import services as iam
from loadstack_engine.statistics import STATISTICS

LOG = logging.getLogger(__name__)

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_DEFAULT_TIMEOUT_S = 29.0


def call(
    arn: str, event: bytes, context: RestApiInvocationContext, *, limit_s: float | None = None
) -> InvocationResult:
    """Invoke, and wait for the answer: what the function returned, or how it failed.

    ``limit_s``: how long to wait; unset, as long as the method's integration says.

    Raises:
        IntegrationTimeoutError: 504; the invocation goes on, and nobody hears of its end.
        RequestTooLargeError: 413: over Lambda's limit of 6 MB.
        IntegrationFailureError: 500 where Lambda throttles, as on AWS
            (https://repost.aws/questions/QUfI6bsdd0SOiPeyimzxSkfQ), 502 for whatever else keeps it from running.
    """
    try:
        return wait_for(arn, event, context, limit_s=limit_s)
    except BaseGatewayException:
        raise
    except Exception as error:
        fail(arn, error)


def wait_for(
    arn: str,
    event: bytes,
    context: RestApiInvocationContext,
    *,
    limit_s: float | None = None,
    client_context: str | None = None,
) -> InvocationResult:
    """As :func:`call`, with Lambda's own errors.

    Raises:
        IntegrationTimeoutError: 504.
        ServiceException: as ``Invoke`` answers it.
    """
    limit_s = limit_s or _timeout_s(context)
    invoke = partial(_counted, arn, event, limit_s, client_context=client_context, trace_context=trace_of(context))
    # A function that cannot outlast the limit is spared the thread, which costs as much as the rest of the way.
    result = invoke() if in_process.longest_timeout_s(arn) < limit_s else _within(limit_s, invoke)
    if result is None:
        raise IntegrationFailureError("Internal server error", status_code=502)
    return result


def _counted(arn: str, event: bytes, limit_s: float, **how: Any) -> InvocationResult | None:
    """Invoke, and count what of it a request waited for, which is no longer than the limit; also if that is over."""
    result = in_process.invoke_function(arn, event, **how)
    function = in_process.function_of(arn)
    if result is not None and function is not None:  # else it was deleted meanwhile
        STATISTICS.awaited(function.function_name, min(limit_s, getattr(result, "ran_s", 0.0)))
    return result


def ask_role(arn: str, context: RestApiInvocationContext) -> None:
    """An integration with ``credentials`` invokes with that role; without, the function's own policy lets it in."""
    if role := (context.integration or {}).get("credentials"):
        iam.asked(role, f"api:{context.api_id}", "lambda", "Invoke", {"FunctionName": arn}, context.region or "")


def fail(arn: str, error: Exception) -> NoReturn:
    """Say in API Gateway's words that Lambda did not run the function."""
    LOG.warning("API Gateway could not invoke %s: %s", arn, error)
    if isinstance(error, RequestTooLargeException):
        raise too_large() from error
    status_code = 500 if isinstance(error, TooManyRequestsException) else 502
    raise IntegrationFailureError("Internal server error", status_code=status_code) from error


def trace_of(context: RestApiInvocationContext) -> dict[str, TraceHeader]:
    """The request's trace, for the invocation to go on with."""
    return {"aws_trace_header": TraceHeader.from_header_str(context.trace_id)}


def _timeout_s(context: RestApiInvocationContext) -> float:
    milliseconds = (context.integration or {}).get("timeoutInMillis")
    return int(milliseconds) / 1000 if milliseconds else _DEFAULT_TIMEOUT_S


def _within(limit_s: float, invoke: "partial[InvocationResult | None]") -> InvocationResult | None:
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(invoke())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="api-gateway-integration").start()
    try:
        result: InvocationResult | None = future.result(limit_s)
    except TimeoutError as error:
        raise IntegrationTimeoutError("Endpoint request timed out") from error
    return result
