"""What the methods of a REST API share: authorizers, models, the validator of bodies, gateway responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bootstrap.context import Context
from bootstrap.references import Ref
from bootstrap.rest_api import LambdaAuthorizer, Model, RestApi

_LAMBDA_URI = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"
_BODY_VALIDATOR = "body"
# Every API may have these two without having declared them.
_OWN_MODELS = {"Empty", "Error"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The ids that AWS gave: of authorizers by name, and of the validator, None where no route has a model."""

    authorizers: Mapping[str, str]
    body_validator: str | None


def lambda_uri(context: Context, function: Ref) -> str:
    """Where API Gateway calls a function."""
    return _LAMBDA_URI.format(region=context.place.region, function=context.arn(function))


def put(context: Context, api: RestApi, api_id: str) -> Parts:
    """Create or update all that is declared; nothing is deleted yet."""
    _put_models(context, api, api_id)
    _put_gateway_responses(context, api, api_id)
    known = _authorizers(context, api_id)
    authorizers = {each.name: _put_authorizer(context, api_id, each, known.get(each.name)) for each in api.authorizers}
    return Parts(authorizers, _put_body_validator(context, api, api_id))


def delete_others(context: Context, api: RestApi, api_id: str, parts: Parts) -> None:
    """Delete what is not declared; no method may use it any more."""
    client = context.clients.apigateway
    for authorizer in set(_authorizers(context, api_id).values()) - set(parts.authorizers.values()):
        client.delete_authorizer(restApiId=api_id, authorizerId=authorizer)
    for validator in set(_validators(context, api_id).values()) - {parts.body_validator}:
        client.delete_request_validator(restApiId=api_id, requestValidatorId=validator)
    for model in _models(context, api_id).keys() - {each.name for each in api.models} - _OWN_MODELS:
        client.delete_model(restApiId=api_id, modelName=model)
    declared = {each.response_type for each in api.gateway_responses}
    for response in client.get_gateway_responses(restApiId=api_id)["items"]:
        if not response.get("defaultResponse") and response["responseType"] not in declared:
            client.delete_gateway_response(restApiId=api_id, responseType=response["responseType"])


def content(context: Context, api: RestApi) -> dict[str, Any]:
    """All that makes the parts what they are, as JSON."""
    return {
        "authorizers": [[each.name, _authorizer(context, each)] for each in api.authorizers],
        "models": [[each.name, each.schema] for each in api.models],
        "responses": [[each.response_type, each.status, each.template] for each in api.gateway_responses],
    }


def _put_models(context: Context, api: RestApi, api_id: str) -> None:
    known = _models(context, api_id)
    for model in api.models:
        schema = _schema(model)
        if model.name not in known:
            context.clients.apigateway.create_model(
                restApiId=api_id, name=model.name, contentType="application/json", schema=schema
            )
        elif known[model.name] != schema:
            patch: Any = [{"op": "replace", "path": "/schema", "value": schema}]
            context.clients.apigateway.update_model(restApiId=api_id, modelName=model.name, patchOperations=patch)


def _put_gateway_responses(context: Context, api: RestApi, api_id: str) -> None:
    for response in api.gateway_responses:
        wanted: Any = {
            "responseType": response.response_type,
            "responseTemplates": {"application/json": response.template},
        }
        if response.status:
            wanted["statusCode"] = str(response.status)
        context.clients.apigateway.put_gateway_response(restApiId=api_id, **wanted)


def _put_authorizer(context: Context, api_id: str, authorizer: LambdaAuthorizer, known: str | None) -> str:
    client = context.clients.apigateway
    wanted = _authorizer(context, authorizer)
    if known is None:
        return client.create_authorizer(restApiId=api_id, name=authorizer.name, **wanted)["id"]
    patch: Any = [{"op": "replace", "path": f"/{name}", "value": str(value)} for name, value in wanted.items()]
    client.update_authorizer(restApiId=api_id, authorizerId=known, patchOperations=patch)
    return known


def _put_body_validator(context: Context, api: RestApi, api_id: str) -> str | None:
    if not any(route.request_model for route in api.routes):
        return None
    known = _validators(context, api_id).get(_BODY_VALIDATOR)
    if known:
        return known
    answer = context.clients.apigateway.create_request_validator(
        restApiId=api_id, name=_BODY_VALIDATOR, validateRequestBody=True, validateRequestParameters=False
    )
    return answer["id"]


def _authorizer(context: Context, authorizer: LambdaAuthorizer) -> dict[str, Any]:
    return {
        "type": authorizer.type,
        "authorizerUri": lambda_uri(context, authorizer.function),
        "identitySource": authorizer.identity_source,
        "identityValidationExpression": authorizer.identity_validation_expression,
        "authorizerResultTtlInSeconds": authorizer.result_ttl,
    }


def _schema(model: Model) -> str:
    return json.dumps(model.schema)


def _authorizers(context: Context, api_id: str) -> dict[str, str]:
    """Ids by name."""
    answer = context.clients.apigateway.get_authorizers(restApiId=api_id, limit=500)
    return {each["name"]: each["id"] for each in answer["items"]}


def _validators(context: Context, api_id: str) -> dict[str, str]:
    """Ids by name."""
    answer = context.clients.apigateway.get_request_validators(restApiId=api_id, limit=500)
    return {each["name"]: each["id"] for each in answer["items"]}


def _models(context: Context, api_id: str) -> dict[str, str]:
    """Schemas by name."""
    answer = context.clients.apigateway.get_models(restApiId=api_id, limit=500)
    return {each["name"]: each.get("schema", "") for each in answer["items"]}
