"""Lambda authorizers, enforced: stock LocalStack 4.14.0 stores them only.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
Authorizers of Cognito and IAM stay as they are.
"""

import json
import logging
import re
import time
from dataclasses import dataclass
from typing import Any

from localstack.aws.api.apigateway import Authorizer
from localstack.http import Response
from localstack.services.apigateway.next_gen.execute_api import handlers
from localstack.services.apigateway.next_gen.execute_api.api import RestApiGatewayHandlerChain
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    AccessDeniedError,
    AuthorizerConfigurationError,
    AuthorizerFailureError,
    BaseGatewayException,
    UnauthorizedError,
)
from localstack.services.apigateway.next_gen.execute_api.helpers import (
    get_lambda_function_arn_from_invocation_uri,
    render_uri_with_stage_variables,
)
from localstack.services.apigateway.next_gen.provider import ApigatewayNextGenProvider

from loadstack_engine.api_gateway import authorizer_identity, lambda_call
from loadstack_engine.api_gateway.authorizer_cache import CACHE
from loadstack_engine.api_gateway.authorizer_policy import Decision, MalformedPolicyError, check, decide

LOG = logging.getLogger(__name__)

# https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html#apigw-Type-Authorizer-authorizerResultTtlInSeconds
_DEFAULT_TTL_S = 300
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_LIMIT_S = 29.0

# https://repost.aws/knowledge-center/api-gateway-403-error-lambda-authorizer
_REFUSALS = {
    Decision.DENY: "User is not authorized to access this resource with an explicit deny",
    Decision.NO_STATEMENT: "User is not authorized to access this resource",
}


@dataclass(frozen=True)
class Authorization:
    """What an authorizer returned: good for all methods of the stage while it is cached."""

    policy: dict[str, Any]
    variables: dict[str, str]
    api_key: str | None


class NullFailureError(AuthorizerFailureError):
    """The authorizer failed: 500 with the message ``null``, as AWS's."""

    message = None


def authorize(context: RestApiInvocationContext) -> None:
    """Let the request pass, with ``$context.authorizer`` set, or refuse it. Methods without an authorizer pass.

    Raises:
        UnauthorizedError: 401: an identity source is missing, or the authorizer says ``Unauthorized``.
        AccessDeniedError: 403: the policy does not allow the method.
        AuthorizerFailureError: 500: it raised something else.
        AuthorizerConfigurationError: 500: it cannot be invoked, or returned what is no authorization.
    """
    authorizer = _authorizer_of(context)
    if authorizer is None:
        return
    start = time.monotonic()
    arn = authorizer_identity.method_arn(context)
    authorization = _authorization(authorizer, arn, context)
    latency_ms = round((time.monotonic() - start) * 1000)
    context.context_variables["authorizer"] = authorization.variables | {"integrationLatency": latency_ms}
    if authorization.api_key and context.deployment.rest_api.rest_api.get("apiKeySource") == "AUTHORIZER":
        context.context_variables["identity"]["apiKey"] = authorization.api_key
    decision = decide(authorization.policy, arn)
    if decision is not Decision.ALLOW:
        raise AccessDeniedError(_REFUSALS[decision])


def _authorizer_of(context: RestApiInvocationContext) -> Authorizer | None:
    method = context.resource_method
    if method.get("authorizationType") != "CUSTOM":
        return None
    authorizer: Authorizer | None = context.deployment.rest_api.authorizers.get(method.get("authorizerId"))
    if authorizer is None:
        raise AuthorizerConfigurationError
    return authorizer


def _authorization(authorizer: Authorizer, arn: str, context: RestApiInvocationContext) -> Authorization:
    identity = authorizer_identity.sources(authorizer, context)
    if not all(identity):
        raise UnauthorizedError("Unauthorized")
    if authorizer["type"] == "TOKEN":
        _check_token(authorizer.get("identityValidationExpression"), identity[0])
    ttl_s = int(authorizer.get("authorizerResultTtlInSeconds", _DEFAULT_TTL_S))
    key = (context.api_id, context.stage, context.deployment_id, authorizer["id"], *identity)
    known = CACHE.get(key) if identity and ttl_s else None
    if isinstance(known, Authorization):
        return known
    authorization = _parse(_invoke(authorizer, identity, arn, context))
    if identity and ttl_s:
        CACHE.put(key, authorization, ttl_s)
    return authorization


def _check_token(expression: str | None, token: str) -> None:
    """AWS's expressions match the whole token."""
    try:
        matches = not expression or re.fullmatch(expression, token)
    except re.error as error:
        LOG.warning("identityValidationExpression %r cannot be read: %s", expression, error)
        raise AuthorizerConfigurationError from error
    if not matches:
        raise UnauthorizedError("Unauthorized")


def _invoke(authorizer: Authorizer, identity: list[str], arn: str, context: RestApiInvocationContext) -> Any:
    uri = render_uri_with_stage_variables(authorizer["authorizerUri"], context.stage_variables)
    if authorizer["type"] == "TOKEN":
        event = authorizer_identity.token_event(identity[0], arn)
    else:
        event = authorizer_identity.request_event(arn, context)
    try:
        function = get_lambda_function_arn_from_invocation_uri(uri)
        result = lambda_call.call(function, json.dumps(event).encode(), context, limit_s=_LIMIT_S)
        output = json.loads(result.payload)
    except (BaseGatewayException, IndexError, ValueError) as error:
        LOG.warning("The authorizer %s could not be invoked: %s", uri, error)
        raise AuthorizerConfigurationError from error
    if not result.is_error:
        return output
    if isinstance(output, dict) and output.get("errorMessage") == "Unauthorized":
        raise UnauthorizedError("Unauthorized")
    LOG.warning("The authorizer %s failed: %s", uri, output)
    raise NullFailureError


def _parse(output: Any) -> Authorization:
    try:
        variables = output.get("context") or {}
        check(output.get("policyDocument"))
        if not all(isinstance(value, str | int | float) for value in variables.values()):
            raise MalformedPolicyError(f"The context has more than text, numbers and booleans: {variables!r}")
    except (AttributeError, MalformedPolicyError) as error:
        LOG.warning("The authorizer returned no authorization: %s", error)
        raise AuthorizerConfigurationError from error
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
    principal = {"principalId": output["principalId"]} if "principalId" in output else {}
    return Authorization(output["policyDocument"], texts | principal, output.get("usageIdentifierKey"))


def enforce(chain: RestApiGatewayHandlerChain, context: RestApiInvocationContext, response: Response) -> None:
    """:func:`authorize` as a handler of LocalStack's chain."""
    authorize(context)


def use() -> None:
    """Enforce them from now on, in the APIs that exist already too."""

    def flush(provider: Any, context: Any, rest_api_id: str, stage_name: str, **_: Any) -> None:
        CACHE.flush(rest_api_id.lower(), stage_name)

    handlers.preprocess_request.append(enforce)
    ApigatewayNextGenProvider.flush_stage_authorizers_cache = flush
