"""The REST API: its parts (`rest_api_parts`), resources with methods (`rest_api_methods`), a deployment and its stage.

A hash of the declaration is in the deployment's description. The stage points to that deployment only after
everything else is in place, so an interrupted update is seen and done again. The paths are compared too,
since one call lists them. Requests are answered by what was deployed before until then.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.deployers import rest_api_methods, rest_api_parts
from bootstrap.rest_api import RestApi

_FIXED_ID_TAGS = ("_custom_id_", "ms-custom-id")  # LocalStack's, ministack's


def ensure(context: Context, api: RestApi) -> Outcome:
    found = context.observed.rest_apis().get(api.name)
    api_id = found["id"] if found else _create(context, api)
    context.ids[api.ref] = api_id
    resources = _resources(context, api_id)
    mark = f"sha256:{_digest(context, api)}"
    deployed = _deployed_mark(context, api, api_id) if found else None
    if deployed == mark and _methods(resources) == {(route.path, route.method) for route in api.routes}:
        return Outcome.UNCHANGED
    if found:
        _update_binary_media_types(context, api, api_id, found.get("binaryMediaTypes", []))
    _update(context, api, api_id, resources)
    _deploy(context, api, api_id, mark, new_stage=deployed is None)
    return Outcome.UPDATED if found else Outcome.CREATED


def _create(context: Context, api: RestApi) -> str:
    """Emulators take the id from their tag; AWS gives one of its own and keeps the tags as tags."""
    tags = dict.fromkeys(_FIXED_ID_TAGS, api.name)
    answer = context.clients.apigateway.create_rest_api(
        name=api.name, tags=tags, binaryMediaTypes=api.binary_media_types
    )
    return answer["id"]


def _update_binary_media_types(context: Context, api: RestApi, api_id: str, found: Sequence[str]) -> None:
    wanted = set(api.binary_media_types)
    changes = [("remove", each) for each in sorted(set(found) - wanted)]
    changes += [("add", each) for each in sorted(wanted - set(found))]
    patch: Any = [{"op": what, "path": f"/binaryMediaTypes/{each.replace('/', '~1')}"} for what, each in changes]
    if patch:
        context.clients.apigateway.update_rest_api(restApiId=api_id, patchOperations=patch)


def _update(context: Context, api: RestApi, api_id: str, resources: dict[str, dict[str, Any]]) -> None:
    """Old paths go before new ones come, since they may not stand side by side; parts go when no method uses them."""
    parts = rest_api_parts.put(context, api, api_id)
    _delete_methods(context, api_id, resources)
    _delete_paths(context, api, api_id, resources)
    for route in api.routes:
        resource = _ensure_path(context, api_id, resources, route.path)
        rest_api_methods.put(context, api_id, resource["id"], route, parts)
    rest_api_parts.delete_others(context, api, api_id, parts)


def _delete_methods(context: Context, api_id: str, resources: dict[str, dict[str, Any]]) -> None:
    """All of them: most of what a method is cannot be changed, and the deployed stage does not see it."""
    client = context.clients.apigateway
    for path, method in _methods(resources):
        client.delete_method(restApiId=api_id, resourceId=resources[path]["id"], httpMethod=method)


def _delete_paths(context: Context, api: RestApi, api_id: str, resources: dict[str, dict[str, Any]]) -> None:
    needed = {parent for route in api.routes for parent in _with_parents(route.path)}
    for path in sorted(resources.keys() - needed, reverse=True):  # children before their parents
        context.clients.apigateway.delete_resource(restApiId=api_id, resourceId=resources.pop(path)["id"])


def _ensure_path(context: Context, api_id: str, resources: dict[str, dict[str, Any]], path: str) -> dict[str, Any]:
    if path not in resources:
        parent = _ensure_path(context, api_id, resources, _parent(path))
        answer: Any = context.clients.apigateway.create_resource(
            restApiId=api_id, parentId=parent["id"], pathPart=path.rsplit("/", 1)[1]
        )
        resources[path] = {"id": answer["id"]}
    return resources[path]


def _deploy(context: Context, api: RestApi, api_id: str, mark: str, *, new_stage: bool) -> None:
    client = context.clients.apigateway
    deployment = client.create_deployment(restApiId=api_id, description=mark)["id"]
    if new_stage:
        client.create_stage(restApiId=api_id, stageName=api.stage, deploymentId=deployment)
    else:
        patch: Any = [{"op": "replace", "path": "/deploymentId", "value": deployment}]
        client.update_stage(restApiId=api_id, stageName=api.stage, patchOperations=patch)


def _deployed_mark(context: Context, api: RestApi, api_id: str) -> str | None:
    """The description of the deployment that the stage points to; None when there is no stage."""
    client = context.clients.apigateway
    try:
        stage = client.get_stage(restApiId=api_id, stageName=api.stage)
    except client.exceptions.NotFoundException:
        return None
    deployment = client.get_deployment(restApiId=api_id, deploymentId=stage["deploymentId"])
    return deployment.get("description", "")


def _resources(context: Context, api_id: str) -> dict[str, dict[str, Any]]:
    """Resources by path; `/` is always there."""
    pages = context.clients.apigateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
    return {each["path"]: dict(each) for page in pages for each in page["items"]}


def _methods(resources: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    return {(path, method) for path, each in resources.items() for method in each.get("resourceMethods", ())}


def _digest(context: Context, api: RestApi) -> str:
    parts = rest_api_parts.content(context, api) | {"binary": sorted(api.binary_media_types)}
    content = [parts, [rest_api_methods.content(context, each) for each in api.routes]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _parent(path: str) -> str:
    return path.rsplit("/", 1)[0] or "/"


def _with_parents(path: str) -> list[str]:
    """`/a/b` and everything above it: `/`, `/a`, `/a/b`."""
    return ["/"] if path == "/" else [*_with_parents(_parent(path)), path]
