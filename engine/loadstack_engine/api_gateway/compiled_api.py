"""A deployed REST API, prepared for requests: which resource, which method, which function."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from localstack.aws.protocol.routing import post_process_arg_name
from localstack.services.apigateway.models import RestApiDeployment
from localstack.services.apigateway.next_gen.execute_api.handlers.resource_router import InvocationRequestRouter
from werkzeug.exceptions import MethodNotAllowed, NotFound

_ANY_METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))
_LAMBDA = ":lambda:path/2015-03-31/functions/"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one resource. ``uri`` is its Lambda proxy integration's; None for any other integration."""

    resource: dict[str, Any]
    method: dict[str, Any]
    uri: str | None


class CompiledApi:
    """The routes of one deployment, which LocalStack never changes, but replaces by the next one."""

    def __init__(self, deployment: RestApiDeployment) -> None:
        resources = deployment.rest_api.resources
        self._routes = {
            (resource["id"], name): _route(resource, method)
            for resource in resources.values()
            for name, method in resource.get("resourceMethods", {}).items()
        }
        self._without_parameters = {
            (resource["path"], method): route
            for resource in resources.values()
            if "{" not in resource["path"]
            for method in _ANY_METHODS
            if (route := self._route_of(resource["id"], method))
        }
        self._adapter = InvocationRequestRouter.get_router_for_deployment(deployment)._map.bind("localhost")

    def match(self, path: str, method: str) -> tuple[Route, dict[str, str]] | None:
        """The route and its path parameters, as they were sent. ``path`` is percent-encoded; None for no route."""
        path = path.rstrip("/")
        route = self._without_parameters.get((path or "/", method))
        if route:
            return route, {}
        try:
            rule, parameters = self._adapter.match(path, method=method, return_rule=True)
        except (MethodNotAllowed, NotFound):
            return None
        found = self._route_of(rule.endpoint, method)
        return (found, {post_process_arg_name(k): v for k, v in parameters.items()}) if found else None

    def _route_of(self, resource_id: str, method: str) -> Route | None:
        return self._routes.get((resource_id, method)) or self._routes.get((resource_id, "ANY"))


def _route(resource: dict[str, Any], method: dict[str, Any]) -> Route:
    integration = method.get("methodIntegration") or {}
    uri = integration.get("uri") or ""
    is_plain = (
        integration.get("type") == "AWS_PROXY"
        and integration.get("httpMethod") == "POST"
        and not integration.get("requestParameters")
        and _LAMBDA in uri
    )
    return Route(resource, method, uri if is_plain else None)


_COMPILED: WeakKeyDictionary[RestApiDeployment, CompiledApi] = WeakKeyDictionary()


def compiled(deployment: RestApiDeployment) -> CompiledApi:
    """The deployment's routes, prepared at its first request and kept as long as it is."""
    api = _COMPILED.get(deployment)
    if api is None:
        api = _COMPILED[deployment] = CompiledApi(deployment)
    return api
