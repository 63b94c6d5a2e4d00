"""The context of one request to a REST API, made from what the HTTP front has read.

The same as LocalStack's ``InvocationRequestParser`` makes from a werkzeug request, at a fifth of its cost.
"""

import time
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from localstack.services.apigateway.helpers import REQUEST_TIME_DATE_FORMAT
from localstack.services.apigateway.models import RestApiDeployment
from localstack.services.apigateway.next_gen.execute_api.context import InvocationRequest, RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.handlers.parse import InvocationRequestParser
from localstack.services.apigateway.next_gen.execute_api.header_utils import DROPPED_FROM_REQUEST_COMMON_LOWER
from moto.apigateway.models import Stage
from werkzeug.datastructures import Headers

from loadstack_engine.api_gateway.addresses import Address
from loadstack_engine.front.messages import HttpRequest

_DROPPED = frozenset(DROPPED_FROM_REQUEST_COMMON_LOWER)
_NOBODY = dict.fromkeys(
    (
        "accountId",
        "accessKey",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
    )
)


def context_of(
    request: HttpRequest, address: Address, deployment_id: str, deployment: RestApiDeployment, stage: Stage
) -> RestApiInvocationContext:
    """All but the resource; ``stage_configuration`` is left to who needs it, and ``request`` is None."""
    context = RestApiInvocationContext(None)
    context.api_id, context.stage = address.api_id, address.stage
    context.deployment_id, context.deployment = deployment_id, deployment
    context.account_id, context.region = deployment.account_id, deployment.region
    context.invocation_request = _invocation_request(request, address)
    context.context_variables = _variables(context)
    context.stage_variables = stage.variables or None
    context.trace_id = InvocationRequestParser.populate_trace_id(context.invocation_request["headers"])
    return context


def _invocation_request(request: HttpRequest, address: Address) -> InvocationRequest:
    single, multiple = _query(request.query)
    return InvocationRequest(
        http_method=request.method,
        query_string_parameters=single,
        multi_value_query_string_parameters=multiple,
        headers=Headers([pair for pair in request.headers if pair[0].lower() not in _DROPPED]),
        body=request.content or b"",
        path=address.path,
        raw_path=address.raw_path,
    )


def _query(query: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The last value of each name, and all of them. Bytes that are no UTF-8 stay percent-encoded, as in werkzeug."""
    single: dict[str, str] = {}
    multiple: dict[str, list[str]] = {}
    if query:
        for name, value in parse_qsl(query, keep_blank_values=True, errors="werkzeug.url_quote"):
            single[name] = value
            multiple.setdefault(name, []).append(value)
    return single, multiple


def _variables(context: RestApiInvocationContext) -> dict[str, Any]:
    request = context.invocation_request
    host = request["headers"].get("Host", "")
    now = time.time()
    return {
        "accountId": context.account_id,
        "apiId": context.api_id,
        "deploymentId": context.deployment_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": token_hex(4),
        "httpMethod": request["http_method"],
        "identity": {
            **_NOBODY,
            "sourceIp": "127.0.0.1",
            "user": None,
            "userAgent": request["headers"].get("User-Agent"),
            "userArn": None,
        },
        "path": f"/{context.stage}{request['raw_path']}",
        "protocol": "HTTP/1.1",
        "requestId": str(uuid4()),
        "requestTime": _request_time(int(now)),
        "requestTimeEpoch": int(now * 1000),
        "stage": context.stage,
    }


@lru_cache(maxsize=2)
def _request_time(second: int) -> str:
    return datetime.fromtimestamp(second).strftime(REQUEST_TIME_DATE_FORMAT)
