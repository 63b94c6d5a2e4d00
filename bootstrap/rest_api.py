"""The words for a REST API of API Gateway: part of `resources`, in a module of their own for their number.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integrate-backend.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from bootstrap.references import Kind, Ref


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    """A function that API Gateway asks who is calling, before anything else.

    The function's answer is kept for `result_ttl` seconds (0: never) for each value of `identity_source`, and
    then holds for all routes of the stage. A request without that value is 401 and asks nobody; so is one
    that `identity_validation_expression` (TOKEN alone; "" is any) does not match as a whole.
    """

    name: str
    function: Ref
    type: Literal["TOKEN", "REQUEST"] = "TOKEN"
    identity_source: str = "method.request.header.Authorization"
    identity_validation_expression: str = ""
    result_ttl: int = 300


@dataclass(frozen=True, slots=True)
class Model:
    """What a JSON body must be: a JSON schema of draft 4."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """What the client gets when the AWS service's status matches `selection_pattern` ("" is any other).

    `template` makes the JSON body.
    """

    status: int
    template: str
    selection_pattern: str = ""


@dataclass(frozen=True, slots=True)
class AwsIntegration:
    """A request that API Gateway itself sends to an AWS service, with `credentials`, a role that it may take.

    `path` is of the service's URI, where `{account}` is the stack's account, `{name}` the name of `resource`, and
    `{{part}}` what `request_parameters` say of `integration.request.path.part`. These are the request's own headers and
    so on; `request_templates` make its body by the content type of the client's, and `passthrough_behavior` says what
    becomes of other types. With `content_handling` CONVERT_TO_TEXT templates get bodies of the API's
    `binary_media_types` as base64.
    """

    service: str
    resource: Ref
    path: str
    credentials: Ref
    request_templates: Mapping[str, str]
    responses: tuple[IntegrationResponse, ...]
    request_parameters: Mapping[str, str] = field(default_factory=dict)
    passthrough_behavior: Literal["NEVER", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"] = "NEVER"
    method: str = "POST"
    content_handling: Literal["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`method` (`ANY`, `GET`, …) on `path` (`/orders/{proxy+}`) calls `target`: a function, as a proxy
    integration, or an AWS service.

    A method of its own goes before `ANY`, a path of its own before `{proxy+}`. `authorizer` and
    `request_model` are names of the API's; a body that is not as the model says is 400.
    """

    path: str
    target: Ref | AwsIntegration
    method: str = "ANY"
    authorizer: str | None = None
    request_model: str | None = None

    @property
    def function(self) -> Ref | None:
        """The function behind the route; None where there is none."""
        return self.target if isinstance(self.target, Ref) else None


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """What API Gateway answers by itself. `template` is the JSON body; `$context` variables are filled in.

    `status` None is the one that API Gateway would use.
    """

    response_type: str
    template: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API with one stage. `name` is also its id where the endpoint allows a fixed one (a tag of
    the emulator's). Bodies of the types `binary_media_types` are bytes, all others are text.
    """

    kind: ClassVar[Kind] = Kind.REST_API
    name: str
    stage: str
    routes: tuple[Route, ...]
    gateway_responses: tuple[GatewayResponse, ...] = ()
    authorizers: tuple[LambdaAuthorizer, ...] = ()
    models: tuple[Model, ...] = ()
    binary_media_types: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)

    def functions(self) -> tuple[Ref, ...]:
        """Every function that API Gateway calls for this API, once."""
        called = [route.function for route in self.routes] + [each.function for each in self.authorizers]
        return tuple(dict.fromkeys(ref for ref in called if ref))
