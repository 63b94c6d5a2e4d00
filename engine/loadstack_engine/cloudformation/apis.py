"""REST APIs: authorizers, and what changes about an API, a stage, a model when a stack is updated."""

import copy
import json
from collections.abc import Iterable
from typing import Any

from loadstack_engine.cloudformation.models import Model, Request, chosen

_AUTHORIZER = {
    "Name": "name",
    "Type": "type",
    "AuthType": "authType",
    "AuthorizerUri": "authorizerUri",
    "AuthorizerCredentials": "authorizerCredentials",
    "IdentitySource": "identitySource",
    "IdentityValidationExpression": "identityValidationExpression",
    "AuthorizerResultTtlInSeconds": "authorizerResultTtlInSeconds",
}
_METHOD_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
_ACCESS_LOG = {"DestinationArn": "destinationArn", "Format": "format"}


def put_authorizer(request: Request, model: Model, before: Model | None) -> None:
    api = request.aws_client_factory.apigateway
    wanted = {theirs: model[ours] for ours, theirs in _AUTHORIZER.items() if model.get(ours) is not None}
    if before is not None:
        place = {"restApiId": model["RestApiId"], "authorizerId": model["AuthorizerId"]}
        lost = [theirs for ours, theirs in _AUTHORIZER.items() if _gone(model, before, ours)]
        gone = [{"op": "remove", "path": f"/{name}"} for name in lost]
        api.update_authorizer(**place, patchOperations=gone + _replacing(wanted.items()))
        return
    wanted.setdefault("name", request.logical_resource_id)
    if model.get("ProviderARNs"):
        wanted["providerARNs"] = model["ProviderARNs"]
    model["AuthorizerId"] = api.create_authorizer(restApiId=model["RestApiId"], **wanted)["id"]


def update_api(request: Request, model: Model) -> None:
    """The definition takes the place of the old one; stages go on with theirs until they get a new deployment."""
    api, place = request.aws_client_factory.apigateway, {"restApiId": model["RestApiId"]}
    if definition := _definition(request, model):
        parameters = {"basepath": "ignore", **(model.get("Parameters") or {})}
        api.put_rest_api(**place, mode="overwrite", body=definition, parameters=parameters)
    wanted = chosen(model, ("Name", "Description", "ApiKeySourceType", "MinimumCompressionSize"))
    paths = {"ApiKeySourceType": "apiKeySource"}
    patch = _replacing((paths.get(name, name[0].lower() + name[1:]), value) for name, value in wanted.items())
    if model.get("Policy") is not None:
        policy = model["Policy"]
        patch += _replacing([("policy", policy if isinstance(policy, str) else json.dumps(policy))])
    media = set(model.get("BinaryMediaTypes") or ())
    there = set(api.get_rest_api(**place).get("binaryMediaTypes") or ())  # after a definition was put, its own alone
    patch += [{"op": "add", "path": f"/binaryMediaTypes/{_escaped(each)}"} for each in sorted(media - there)]
    if not definition:
        patch += [{"op": "remove", "path": f"/binaryMediaTypes/{_escaped(each)}"} for each in sorted(there - media)]
    api.update_rest_api(**place, patchOperations=patch)
    roots = [each["id"] for each in api.get_resources(**place)["items"] if each["path"] == "/"]
    model["RootResourceId"] = roots[0]


def update_stage(request: Request, model: Model) -> None:
    before = request.previous_state or {}
    wanted = chosen(model, ("DeploymentId", "Description", "TracingEnabled"))
    patch = _replacing((name[0].lower() + name[1:], value) for name, value in wanted.items())
    variables, old = model.get("Variables") or {}, before.get("Variables") or {}
    patch += _replacing((f"variables/{name}", value) for name, value in variables.items())
    patch += [{"op": "remove", "path": f"/variables/{name}"} for name in sorted(old.keys() - variables.keys())]
    _patch_stage(request, model, patch)


def finish_stage(request: Request, model: Model) -> None:
    """What LocalStack leaves out of a stage: settings of methods, and the access log."""
    before, log = request.previous_state or {}, model.get("AccessLogSetting") or {}
    if before.get("MethodSettings"):
        _forget_settings(request, model, before)
    patch = [{"op": "remove", "path": "/accessLogSettings"}] if before.get("AccessLogSetting") and not log else []
    patch += _replacing((f"accessLogSettings/{_ACCESS_LOG[name]}", value) for name, value in log.items())
    for setting in model.get("MethodSettings") or ():
        patch += _replacing(
            (f"{_place(setting)}/{theirs}", setting[ours])
            for ours, theirs in _METHOD_SETTINGS.items()
            if ours in setting
        )
    _patch_stage(request, model, patch)


def _forget_settings(request: Request, model: Model, before: Model) -> None:
    """LocalStack's UpdateStage takes out those of all methods alone, and then does nothing else."""
    from moto.apigateway.models import apigateway_backends

    api = apigateway_backends[request.account_id][request.region_name].apis[model["RestApiId"]]
    for setting in before["MethodSettings"]:
        api.stages[model["StageName"]].method_settings.pop(_place(setting), None)


def _place(setting: Model) -> str:
    path = _escaped((setting.get("ResourcePath") or "/*").removeprefix("/"))
    return f"{path}/{setting.get('HttpMethod') or '*'}"


def put_method(request: Request, model: Model) -> None:
    """All of it, whether it is there or not: LocalStack's update sends the integration alone, and loses its responses.
    Its creation takes those out of the model that it is given.
    """
    from localstack.services.apigateway.resource_providers.aws_apigateway_method import ApiGatewayMethodProvider

    request.desired_state = copy.deepcopy(model)
    ApiGatewayMethodProvider().create(request)


def update_model(request: Request, model: Model) -> None:
    schema = model.get("Schema") or {}
    wanted = {"schema": schema if isinstance(schema, str) else json.dumps(schema), **_description(model)}
    request.aws_client_factory.apigateway.update_model(
        restApiId=model["RestApiId"], modelName=model["Name"], patchOperations=_replacing(wanted.items())
    )


def update_validator(request: Request, model: Model) -> None:
    flags = ("ValidateRequestBody", "ValidateRequestParameters")
    patch = _replacing((name[0].lower() + name[1:], model.get(name, False)) for name in flags)
    request.aws_client_factory.apigateway.update_request_validator(
        restApiId=model["RestApiId"], requestValidatorId=model["RequestValidatorId"], patchOperations=patch
    )


def update_deployment(request: Request, model: Model) -> None:
    """Of what is deployed nothing changes but its description: AWS wants a new deployment for more."""
    if patch := _replacing(_description(model).items()):
        request.aws_client_factory.apigateway.update_deployment(
            restApiId=model["RestApiId"], deploymentId=model["DeploymentId"], patchOperations=patch
        )


def _patch_stage(request: Request, model: Model, patch: list[dict[str, str]]) -> None:
    if patch:
        request.aws_client_factory.apigateway.update_stage(
            restApiId=model["RestApiId"], stageName=model["StageName"], patchOperations=patch
        )


def _definition(request: Request, model: Model) -> bytes | None:
    if place := model.get("BodyS3Location"):
        wanted = {"Bucket": place["Bucket"], "Key": place["Key"]}
        if place.get("Version"):
            wanted["VersionId"] = place["Version"]
        content: bytes = request.aws_client_factory.s3.get_object(**wanted)["Body"].read()
        return content
    body = model.get("Body")
    if not body:
        return None
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _description(model: Model) -> dict[str, Any]:
    return {"description": model["Description"]} if model.get("Description") is not None else {}


def _gone(model: Model, before: Model, name: str) -> bool:
    return before.get(name) is not None and model.get(name) is None


def _replacing(values: Iterable[tuple[str, Any]]) -> list[dict[str, str]]:
    return [{"op": "replace", "path": f"/{path}", "value": _text(value)} for path, value in values]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")
