"""What a Lambda authorizer identifies a caller by, and the event that it gets.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
"""

from typing import Any

from localstack.aws.api.apigateway import Authorizer
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.header_utils import build_multi_value_headers
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import RestApiAwsProxyIntegration

from loadstack_engine.api_gateway.gateway_responses import value_of

_FORWARDED = "X-Forwarded-For"


def sources(authorizer: Authorizer, context: RestApiInvocationContext) -> list[str]:
    """The values of its identity sources in this request, in their order; "" for one that is not there."""
    expressions = (authorizer.get("identitySource") or "").split(",")
    return [value_of(expression.strip(), context) for expression in expressions if expression.strip()]


def method_arn(context: RestApiInvocationContext) -> str:
    """The requested method's ARN, with the path as it was requested."""
    path = context.invocation_request["path"].lstrip("/")
    return (
        f"arn:aws:execute-api:{context.region}:{context.account_id}:{context.api_id}"
        f"/{context.stage}/{context.invocation_request['http_method']}/{path}"
    )


def token_event(token: str, arn: str) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}


def request_event(arn: str, context: RestApiInvocationContext) -> dict[str, Any]:
    """Body apart, what the function behind the method gets, too."""
    request = context.invocation_request
    headers = request["headers"].copy()
    headers.setdefault(_FORWARDED, context.context_variables["identity"]["sourceIp"])
    headers_of = RestApiAwsProxyIntegration._format_headers
    return {
        "type": "REQUEST",
        "methodArn": arn,
        "resource": context.resource["path"],
        "path": request["path"],
        "httpMethod": request["http_method"],
        "headers": headers_of(dict(headers)),
        "multiValueHeaders": headers_of(build_multi_value_headers(headers)),
        "queryStringParameters": request["query_string_parameters"],
        "multiValueQueryStringParameters": request["multi_value_query_string_parameters"],
        "pathParameters": request["path_parameters"],
        "stageVariables": context.stage_variables or {},
        "requestContext": context.context_variables,
    }
