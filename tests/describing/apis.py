"""API Gateway: REST APIs by name, with their resources by path and all ids replaced by names."""

from typing import Any

from tests.describing.reading import Aws, Described, pages, parsed, without

_ACCIDENTAL = ("id", "createdDate", "rootResourceId", "deploymentId", "lastUpdatedDate")


def describe_apis(aws: Aws) -> Described:
    client = aws("apigateway")
    found = pages(client, "get_rest_apis", "items")
    return {
        "rest apis": {each["name"]: _api(client, each) for each in found},
        "usage plans": {each["name"]: without(each, "id") for each in pages(client, "get_usage_plans", "items")},
        "api keys": {each["name"]: without(each, *_ACCIDENTAL) for each in pages(client, "get_api_keys", "items")},
    }


def _api(client: Any, listed: dict[str, Any]) -> dict[str, Any]:
    api = {"restApiId": listed["id"]}
    authorizers = {each["id"]: each["name"] for each in pages(client, "get_authorizers", "items", **api)}
    validators = {each["id"]: each["name"] for each in pages(client, "get_request_validators", "items", **api)}
    names = authorizers | validators
    resources = pages(client, "get_resources", "items", **api, embed=["methods"])
    return {
        **without(client.get_rest_api(**api), "createdDate", "rootResourceId"),
        "binaryMediaTypes": sorted(listed.get("binaryMediaTypes", [])),
        "authorizers": _by_name(pages(client, "get_authorizers", "items", **api)),
        "validators": _by_name(pages(client, "get_request_validators", "items", **api)),
        "models": {
            each["name"]: {**without(each, "id", "name"), "schema": parsed(each.get("schema", ""))}
            for each in pages(client, "get_models", "items", **api)
        },
        "gateway responses": {
            each["responseType"]: without(each, "responseType")
            for each in pages(client, "get_gateway_responses", "items", **api)
        },
        "resources": {each["path"]: _methods(each, names) for each in resources},
        "stages": {each["stageName"]: without(each, *_ACCIDENTAL) for each in client.get_stages(**api)["item"]},
    }


def _by_name(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["name"]: without(each, "id", "name") for each in found}


def _methods(resource: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {verb: _method(found, names) for verb, found in resource.get("resourceMethods", {}).items()}


def _method(found: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    made = dict(found)
    if not made.get("requestParameters"):  # shown where somebody sent none
        made.pop("requestParameters", None)
    for name in ("authorizerId", "requestValidatorId"):
        if name in made:
            made[name] = names[made[name]]
    if "methodIntegration" in made:
        # Which resource's answers it would keep, if it kept any.
        made["methodIntegration"] = without(made["methodIntegration"], "cacheNamespace")
    return made
