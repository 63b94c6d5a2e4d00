"""A REST API of API Gateway, each of its parts a resource.

SAM's `AWS::Serverless::Api` with an OpenAPI document would be shorter. Resources are what the declaration says, one by
one, and cfn-lint checks each; and LocalStack's import of such a document leaves out gateway responses and the role of
an integration, without which there is no answer of ours and no order in the queue.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from bootstrap.references import Ref
from bootstrap.rest_api import (
    AwsIntegration,
    GatewayResponse,
    IntegrationResponse,
    LambdaAuthorizer,
    Model,
    RestApi,
    Route,
)
from bootstrap.template.names import Expression, expression, filled_in, fragment, logical_id, part_id, sub

# Emulators take the API's id from them; AWS keeps them as tags.
_FIXED_ID_TAGS = ("_custom_id_", "ms-custom-id")
_SERVICES = "arn:${AWS::Partition}:apigateway:${AWS::Region}"


def rest_api(declared: RestApi) -> Iterator[tuple[str, dict[str, Any]]]:
    """All of it with its logical ids, its one stage included; two parts may have the same."""
    api = {
        "Type": "AWS::ApiGateway::RestApi",
        "Properties": {
            "Name": declared.name,
            "BinaryMediaTypes": list(declared.binary_media_types),
            "Tags": [{"Key": key, "Value": declared.name} for key in _FIXED_ID_TAGS],
        },
    }
    parts = list(_parts(declared))
    deployment = _deployment_id(declared, parts)
    yield logical_id(declared.ref), api
    yield from parts
    # What is deployed does not follow its methods: another deployment has to take its place.
    yield (
        deployment,
        {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": [name for name, part in parts if part["Type"] in _DEPLOYED],
            "Properties": {"RestApiId": {"Ref": logical_id(declared.ref)}},
        },
    )
    yield (
        part_id(declared.ref, declared.stage, "stage"),
        {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": logical_id(declared.ref)},
                "DeploymentId": {"Ref": deployment},
                "StageName": declared.stage,
            },
        },
    )


# Paths, authorizers, models and the validator are waited for by the methods.
_DEPLOYED = {"AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse"}


def _deployment_id(declared: RestApi, parts: list[tuple[str, dict[str, Any]]]) -> str:
    content = json.dumps([dict(parts), declared.binary_media_types], sort_keys=True)
    return part_id(declared.ref, "deployment", hashlib.sha256(content.encode()).hexdigest()[:10])


def _parts(declared: RestApi) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything but the API, its deployment and its stage."""
    own = {"RestApiId": {"Ref": logical_id(declared.ref)}}
    for authorizer in declared.authorizers:
        yield _authorizer_id(declared, authorizer.name), _typed("Authorizer", own | _authorizer(authorizer))
    for model in declared.models:
        yield _model_id(declared, model.name), _typed("Model", own | _model(model))
    if any(route.request_model for route in declared.routes):
        validator = {"Name": "body", "ValidateRequestBody": True, "ValidateRequestParameters": False}
        yield _validator_id(declared), _typed("RequestValidator", own | validator)
    for response in declared.gateway_responses:
        name = part_id(declared.ref, response.response_type.lower(), "gateway response")
        yield name, _typed("GatewayResponse", own | _gateway_response(response))
    yield from _paths_and_methods(declared, own)


def _paths_and_methods(declared: RestApi, own: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    made: set[str] = set()
    for route in declared.routes:
        for path in _with_parents(route.path):
            if path not in made:
                made.add(path)
                yield _path_id(declared, path), _typed("Resource", own | _path(declared, path))
        name = part_id(declared.ref, route.path, route.method.lower(), "method")
        where = {"ResourceId": _resource(declared, route.path), "HttpMethod": route.method}
        yield name, _typed("Method", own | where | _method(declared, route))


def _typed(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": properties}


def _authorizer_id(declared: RestApi, name: str) -> str:
    return part_id(declared.ref, name, "authorizer")


def _model_id(declared: RestApi, name: str) -> str:
    return part_id(declared.ref, name, "model")


def _validator_id(declared: RestApi) -> str:
    return part_id(declared.ref, "body", "validator")


def _path_id(declared: RestApi, path: str) -> str:
    return part_id(declared.ref, path, "path")


def _with_parents(path: str) -> list[str]:
    """`/a`, `/a/b` of `/a/b`; the root is the API's own."""
    return [] if path in ("", "/") else [*_with_parents(path.rsplit("/", 1)[0]), path]


def _resource(declared: RestApi, path: str) -> Expression:
    if path in ("", "/"):
        return {"Fn::GetAtt": [logical_id(declared.ref), "RootResourceId"]}
    return {"Ref": _path_id(declared, path)}


def _path(declared: RestApi, path: str) -> dict[str, Any]:
    parent, part = path.rsplit("/", 1)
    return {"ParentId": _resource(declared, parent), "PathPart": part}


def _lambda_uri(function: Ref) -> Expression:
    return sub(f"{_SERVICES}:lambda:path/2015-03-31/functions/{fragment(function.arn())}/invocations")


def _authorizer(authorizer: LambdaAuthorizer) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Name": authorizer.name,
        "Type": authorizer.type,
        "AuthorizerUri": _lambda_uri(authorizer.function),
        "AuthorizerResultTtlInSeconds": authorizer.result_ttl,
        "IdentitySource": authorizer.identity_source,
    }
    if authorizer.identity_validation_expression:
        properties["IdentityValidationExpression"] = authorizer.identity_validation_expression
    return properties


def _model(model: Model) -> dict[str, Any]:
    return {"Name": model.name, "ContentType": "application/json", "Schema": filled_in(model.schema)}


def _gateway_response(response: GatewayResponse) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ResponseType": response.response_type,
        "ResponseTemplates": {"application/json": response.template},
    }
    if response.status:
        properties["StatusCode"] = str(response.status)
    return properties


def _method(declared: RestApi, route: Route) -> dict[str, Any]:
    properties: dict[str, Any] = {"AuthorizationType": "NONE"}
    if route.authorizer:
        authorizer = {"Ref": _authorizer_id(declared, route.authorizer)}
        properties = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}
    if route.request_model:
        properties["RequestModels"] = {"application/json": {"Ref": _model_id(declared, route.request_model)}}
        properties["RequestValidatorId"] = {"Ref": _validator_id(declared)}
    if not isinstance(route.target, AwsIntegration):
        uri = _lambda_uri(route.target)
        properties["Integration"] = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": uri}
        return properties
    if parameters := _declared_parameters(route.target):
        properties["RequestParameters"] = parameters
    properties["Integration"] = _integration(route.target)
    properties["MethodResponses"] = [{"StatusCode": str(each.status)} for each in route.target.responses]
    return properties


def _declared_parameters(target: AwsIntegration) -> dict[str, bool]:
    """AWS wants each part of the request that a mapping takes to be declared; parts of the path are always there."""
    sources = [each for each in target.request_parameters.values() if each.startswith("method.request.")]
    return {each: each.startswith("method.request.path.") for each in sources}


def _integration(target: AwsIntegration) -> dict[str, Any]:
    path = target.path.format(account="${AWS::AccountId}", name=fragment(target.resource))
    properties: dict[str, Any] = {
        "Type": "AWS",
        "IntegrationHttpMethod": target.method,
        "Uri": sub(f"{_SERVICES}:{target.service}:{path}"),
        "Credentials": expression(target.credentials.arn()),
        "PassthroughBehavior": target.passthrough_behavior,
    }
    if target.content_handling:
        properties["ContentHandling"] = target.content_handling
    if target.request_parameters:
        properties["RequestParameters"] = dict(target.request_parameters)
    properties["RequestTemplates"] = dict(target.request_templates)
    properties["IntegrationResponses"] = [_integration_response(each) for each in target.responses]
    return properties


def _integration_response(response: IntegrationResponse) -> dict[str, Any]:
    properties: dict[str, Any] = {"StatusCode": str(response.status)}
    if response.selection_pattern:
        properties["SelectionPattern"] = response.selection_pattern
    return properties | {"ResponseTemplates": {"application/json": response.template}}
