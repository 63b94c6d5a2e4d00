"""The shop's REST API: its routes, who may use them, and what API Gateway answers by itself.

A new service adds its lines to `ROUTES`. Variable parts have names rather than one `{proxy+}` for all below: AWS takes
one variable part below a path, and what is below that may then be another function's.
"""

import json

from bootstrap.references import Kind, Ref
from bootstrap.rest_api import GatewayResponse, LambdaAuthorizer, RestApi, Route
from bootstrap.shop_intake import ORDER_REQUEST, SEND_TO_INTAKE
from bootstrap.shop_uploads import MEDIA_TYPES, SEND_TO_BUCKET

API = Ref(Kind.REST_API, "shop")
STAGE = "dev"
AUTHORIZER = Ref(Kind.FUNCTION, "authorizer")

# The scheme has no case (RFC 9110, 11.1), AWS's expressions have one. What cannot be a token costs no invocation.
_BEARER = "[Bb][Ee][Aa][Rr][Ee][Rr] +[A-Za-z0-9_.-]+"
SIGNED_IN = LambdaAuthorizer("signed-in", AUTHORIZER, identity_validation_expression=_BEARER, result_ttl=300)
# Where no service checks the token again: a deleted user's, or an expired one, would be good for these 300 s more.
SIGNED_IN_NOW = LambdaAuthorizer("signed-in-now", AUTHORIZER, identity_validation_expression=_BEARER, result_ttl=0)


def _open(service: str, method: str, path: str) -> Route:
    return Route(path, Ref(Kind.FUNCTION, service), method)


def _signed_in(service: str, method: str, path: str) -> Route:
    return Route(path, Ref(Kind.FUNCTION, service), method, SIGNED_IN.name)


ROUTES = (
    _open("users", "ANY", "/users"),
    _open("users", "ANY", "/users/login"),
    _signed_in("users", "ANY", "/users/{userId}"),
    _open("products", "GET", "/products"),
    _open("products", "GET", "/products/{productId}"),
    _open("products", "GET", "/products/{productId}/{proxy+}"),
    _open("recommendations", "ANY", "/products/{productId}/recommendations"),
    _signed_in("products", "ANY", "/products"),
    _signed_in("products", "ANY", "/products/{productId}"),
    _signed_in("products", "ANY", "/products/{productId}/{proxy+}"),
    Route("/products/{productId}/image", SEND_TO_BUCKET, "PUT", SIGNED_IN_NOW.name),
    _signed_in("cart", "ANY", "/cart"),
    _signed_in("cart", "ANY", "/cart/{proxy+}"),
    _signed_in("orders", "ANY", "/orders"),
    _signed_in("orders", "ANY", "/orders/{orderId}"),
    _signed_in("orders", "ANY", "/orders/{orderId}/{proxy+}"),
    _signed_in("payments", "ANY", "/orders/{orderId}/payments"),
    _open("payments", "ANY", "/payments/webhooks/stripe"),
    Route("/async/orders", SEND_TO_INTAKE, "POST", SIGNED_IN_NOW.name, ORDER_REQUEST.name),
    _signed_in("analytics", "ANY", "/analytics/sales"),
    _open("analytics", "GET", "/analytics/dashboard"),
    _open("analytics", "GET", "/analytics/dashboard/{name}"),
    _open("apidocs", "GET", "/docs"),
    _open("apidocs", "GET", "/docs/{name}"),
)


_MESSAGE = "$context.error.messageString"  # comes with quotes
_INVALID = "$context.error.validationErrorString"


def _error(code: str, message: str, field: str = "", wrong: str = "") -> str:
    """The body of an error as the services make it. `$context` variables in the texts are filled in."""
    details = [{"field": field, "message": wrong}] if field else []
    error = {"code": code, "message": message, "details": details}
    return json.dumps({"error": error}).replace(f'"{_MESSAGE}"', _MESSAGE)


GATEWAY_RESPONSES = (
    GatewayResponse("DEFAULT_4XX", _error("$context.error.responseType", _MESSAGE)),
    GatewayResponse("DEFAULT_5XX", _error("INTERNAL_ERROR", "Something went wrong on our side: try again.")),
    GatewayResponse("INTEGRATION_TIMEOUT", _error("TIMEOUT", "This took too long: try again.")),
    GatewayResponse(
        "UNAUTHORIZED",
        _error("UNAUTHORIZED", "The header Authorization must be: Bearer <token>, with a valid token: sign in."),
    ),
    GatewayResponse("ACCESS_DENIED", _error("FORBIDDEN", "This is for others than you.")),
    # An unknown route: API Gateway takes it for one that wants a signature of AWS's.
    GatewayResponse("MISSING_AUTHENTICATION_TOKEN", _error("NOT_FOUND", "There is no such route."), 404),
    GatewayResponse("RESOURCE_NOT_FOUND", _error("NOT_FOUND", "There is no such route.")),
    GatewayResponse(
        "BAD_REQUEST_BODY",
        _error("INVALID_REQUEST", f"The body is not what the route takes: {_INVALID}", "body", _INVALID),
    ),
    GatewayResponse(
        "UNSUPPORTED_MEDIA_TYPE",
        _error(
            "INVALID_REQUEST",
            "Content-Type: is none that this route takes",
            "Content-Type",
            "is none that this route takes",
        ),
        400,
    ),
    GatewayResponse("REQUEST_TOO_LARGE", _error("PAYLOAD_TOO_LARGE", "The body is too large."), 413),
    GatewayResponse("THROTTLED", _error("TOO_MANY_REQUESTS", "Too many requests: wait a moment and try again.")),
    GatewayResponse("QUOTA_EXCEEDED", _error("QUOTA_EXCEEDED", "The quota of requests is used up.")),
)


def rest_api() -> RestApi:
    """The API with all of the above."""
    authorizers = (SIGNED_IN, SIGNED_IN_NOW)
    return RestApi(API.name, STAGE, ROUTES, GATEWAY_RESPONSES, authorizers, (ORDER_REQUEST,), MEDIA_TYPES)
