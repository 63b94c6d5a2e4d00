"""What is wrong with a REST API by itself, as API Gateway would tell only while it is made, or never."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bootstrap.rest_api import AwsIntegration, GatewayResponse, LambdaAuthorizer, Model, RestApi, Route

_PATH = r"(/[A-Za-z0-9._~-]+|/\{[A-Za-z0-9._-]+\})*(/\{[A-Za-z0-9._-]+\+\})?"
_METHODS = frozenset({"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_IDENTITY = r"(method\.request\.(header|querystring)|context|stageVariables)\.[\w.-]+"
_AWS_PATH = r"(path/|action/)([\w./-]|\{account\}|\{name\}|\{\{\w+\}\})+"
_PATH_PARAMETER = "integration.request.path."
_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_MAX_TTL_S = 3600
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_RESPONSE_TYPES = frozenset(
    {
        "ACCESS_DENIED",
        "API_CONFIGURATION_ERROR",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "AUTHORIZER_FAILURE",
        "BAD_REQUEST_BODY",
        "BAD_REQUEST_PARAMETERS",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "EXPIRED_TOKEN",
        "INTEGRATION_FAILURE",
        "INTEGRATION_TIMEOUT",
        "INVALID_API_KEY",
        "INVALID_SIGNATURE",
        "MISSING_AUTHENTICATION_TOKEN",
        "QUOTA_EXCEEDED",
        "REQUEST_TOO_LARGE",
        "RESOURCE_NOT_FOUND",
        "THROTTLED",
        "UNAUTHORIZED",
        "UNSUPPORTED_MEDIA_TYPE",
        "WAF_FILTERED",
    }
)
_QUOTED_VARIABLE = r"\$context\.error\.messageString"  # stands for text that has its quotes about it


def mistakes_of_rest_api(api: RestApi) -> Iterator[str]:
    """One line a mistake, without the API's name."""
    if not api.routes:
        yield "has no routes: add one, or take the API out."
    yield from _repeated("route", (f"{route.method} {route.path}" for route in api.routes))
    yield from _repeated("authorizer", (each.name for each in api.authorizers))
    yield from _repeated("model", (each.name for each in api.models))
    yield from _repeated("gateway response", (each.response_type for each in api.gateway_responses))
    yield from _variable_siblings(api)
    for route in api.routes:
        yield from _route(route)
    for kind, declared, used in (
        ("authorizer", {each.name for each in api.authorizers}, {route.authorizer for route in api.routes}),
        ("model", {each.name for each in api.models}, {route.request_model for route in api.routes}),
    ):
        for name in sorted(name for name in used - declared if name is not None):
            yield f"a route names the {kind} {name}, which the API does not have: declare it, or correct the name."
        for name in sorted(declared - used):
            yield f"no route uses the {kind} {name}: take it out."
    for authorizer in api.authorizers:
        yield from _authorizer(authorizer)
    for model in api.models:
        yield from _model(model)
    for response in api.gateway_responses:
        yield from _gateway_response(response)


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"the {what} {name} is declared {count} times: keep one."


def _variable_siblings(api: RestApi) -> Iterator[str]:
    """AWS takes one variable part below a path, and `{proxy+}` counts as one."""
    below: dict[str, set[str]] = {}
    for route in api.routes:
        parts = route.path.split("/")
        for position, part in enumerate(parts):
            if part.startswith("{"):
                below.setdefault("/".join(parts[:position]) or "/", set()).add(part)
    for parent, variables in below.items():
        if len(variables) > 1:
            yield f"below {parent} AWS takes one variable part, not {', '.join(sorted(variables))}: use one name."


def _route(route: Route) -> Iterator[str]:
    if route.path != "/" and (not route.path or not re.fullmatch(_PATH, route.path)):
        yield f"the path {route.path!r} is not valid: write e.g. /orders/{{proxy+}}."
    if route.method not in _METHODS:
        yield f"the method {route.method!r} of {route.path} is not valid: use ANY, GET, POST, …"
    if isinstance(route.target, AwsIntegration):
        where = f"{route.method} {route.path}"
        yield from (f"{where}: {mistake}" for mistake in _aws_integration(route.target))


def _aws_integration(integration: AwsIntegration) -> Iterator[str]:
    if not re.fullmatch(_AWS_PATH, integration.path, re.ASCII):
        yield f"the service's path {integration.path!r} is not valid: write e.g. path/{{account}}/{{name}}."
    if integration.method not in _METHODS - {"ANY"}:
        yield f"the integration's method {integration.method!r} is not valid: use POST, …"
    if not integration.request_templates and integration.passthrough_behavior == "NEVER":
        yield "without request templates it refuses every body: add one, or let bodies pass."
    given = {name.rpartition(".")[2] for name in integration.request_parameters if name.startswith(_PATH_PARAMETER)}
    for part in re.findall(r"\{\{(\w+)\}\}", integration.path):
        if part not in given:
            yield f"nothing is given for {{{{{part}}}}} of the service's path: add {_PATH_PARAMETER}{part}."
    patterns = [response.selection_pattern for response in integration.responses]
    if patterns.count("") != 1:
        yield f"has {patterns.count('')} responses without a selection pattern: one must be for all other statuses."
    yield from _repeated("response", (str(response.status) for response in integration.responses))
    for response in integration.responses:
        yield from _status(response.status)
        if not _compiles(response.selection_pattern):
            yield f"the selection pattern {response.selection_pattern!r} is no regular expression."


def _authorizer(authorizer: LambdaAuthorizer) -> Iterator[str]:
    name = f"the authorizer {authorizer.name}"
    if not re.fullmatch(r"[\w-]{1,128}", authorizer.name, re.ASCII):
        yield f"{name!r} is not valid: use 1 to 128 letters, digits, '_' or '-'."
    if not 0 <= authorizer.result_ttl <= _MAX_TTL_S:
        yield f"{name} keeps results for {authorizer.result_ttl} s: AWS takes 0 to {_MAX_TTL_S}."
    sources = [each.strip() for each in authorizer.identity_source.split(",")]
    if not all(re.fullmatch(_IDENTITY, each, re.ASCII) for each in sources):
        yield f"{name}: the identity source {authorizer.identity_source!r} is not valid."
    if authorizer.type == "TOKEN" and not re.fullmatch(r"method\.request\.header\.[\w-]+", authorizer.identity_source):
        yield f"{name}: the identity source of a TOKEN authorizer is one header, method.request.header.…"
    if authorizer.type == "REQUEST" and authorizer.identity_validation_expression:
        yield f"{name}: AWS validates tokens alone: leave the expression out, or make it a TOKEN authorizer."
    if not _compiles(authorizer.identity_validation_expression):
        yield f"{name}: {authorizer.identity_validation_expression!r} is no regular expression."


def _model(model: Model) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9]{1,128}", model.name):
        yield f"the model name {model.name!r} is not valid on AWS: use letters and digits."
    if model.schema.get("$schema") != _DRAFT_4:
        yield f'the model {model.name} must say "$schema": "{_DRAFT_4}", the draft that AWS knows.'


def _gateway_response(response: GatewayResponse) -> Iterator[str]:
    if response.response_type not in _RESPONSE_TYPES:
        yield f"{response.response_type} is no type of gateway response: use e.g. UNAUTHORIZED or DEFAULT_4XX."
    if response.status is not None:
        yield from _status(response.status)
    filled = re.sub(r"\$[\w.]+", "text", re.sub(_QUOTED_VARIABLE, '"text"', response.template))
    try:
        json.loads(filled)
    except ValueError:
        yield f"the template of {response.response_type} makes no JSON: mind that messageString has quotes about it."


def _status(status: int) -> Iterator[str]:
    if not 200 <= status <= 599:
        yield f"the status {status} is not valid: use 200 to 599."


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
