"""Methods of a REST API: what each demands of a request, and what it does with it."""

from typing import Any

from bootstrap.context import Context
from bootstrap.deployers.rest_api_parts import Parts, lambda_uri
from bootstrap.rest_api import AwsIntegration, IntegrationResponse, Route


def put(context: Context, api_id: str, resource_id: str, route: Route, parts: Parts) -> None:
    """Create the method with its integration; it must not be there."""
    client = context.clients.apigateway
    where: Any = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": route.method}
    client.put_method(**where, **_demands(route, parts))
    client.put_integration(**where, **_integration(context, route))
    if isinstance(route.target, AwsIntegration):
        for response in route.target.responses:
            client.put_method_response(**where, statusCode=str(response.status))
            client.put_integration_response(**where, **_integration_response(response))


def content(context: Context, route: Route) -> dict[str, Any]:
    """All that makes the method what it is, as JSON."""
    responses = route.target.responses if isinstance(route.target, AwsIntegration) else ()
    return {
        "method": [route.path, route.method, route.authorizer, route.request_model],
        "integration": _integration(context, route),
        "responses": [[each.status, each.selection_pattern, each.template] for each in responses],
    }


def _integration_response(response: IntegrationResponse) -> dict[str, Any]:
    made: dict[str, Any] = {
        "statusCode": str(response.status),
        "responseTemplates": {"application/json": response.template},
    }
    if response.selection_pattern:
        made["selectionPattern"] = response.selection_pattern
    return made


def _demands(route: Route, parts: Parts) -> dict[str, Any]:
    demands: dict[str, Any] = {"authorizationType": "NONE", "apiKeyRequired": False}
    if route.authorizer:
        demands |= {"authorizationType": "CUSTOM", "authorizerId": parts.authorizers[route.authorizer]}
    if isinstance(route.target, AwsIntegration):
        # AWS wants each part of the request that a mapping takes to be declared; parts of the path are always there.
        sources = [each for each in route.target.request_parameters.values() if each.startswith("method.request.")]
        demands["requestParameters"] = {each: each.startswith("method.request.path.") for each in sources}
    if route.request_model:
        models = {"application/json": route.request_model}
        demands |= {"requestModels": models, "requestValidatorId": parts.body_validator}
    return demands


def _integration(context: Context, route: Route) -> dict[str, Any]:
    target = route.target
    if not isinstance(target, AwsIntegration):
        return {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": lambda_uri(context, target)}
    path = target.path.format(account=context.place.account, name=target.resource.name)
    integration = {
        "type": "AWS",
        "integrationHttpMethod": target.method,
        "uri": f"arn:aws:apigateway:{context.place.region}:{target.service}:{path}",
        "credentials": context.arn(target.credentials),
        "requestParameters": dict(target.request_parameters),
        "requestTemplates": dict(target.request_templates),
        "passthroughBehavior": target.passthrough_behavior,
    }
    return integration | ({"contentHandling": target.content_handling} if target.content_handling else {})
