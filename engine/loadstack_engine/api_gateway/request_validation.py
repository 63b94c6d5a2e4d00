"""Request validators, with what is wrong in ``$context.error.validationErrorString``.

Stock LocalStack 4.14.0 leaves the variable empty, and checks the schema itself anew at every request. It also takes for
JSON what Python does (UTF-16, ``NaN``), and tells media types apart by their case and parameters.
"""

import json
from typing import Any, cast
from weakref import WeakKeyDictionary

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from localstack.aws.api.apigateway import Integration
from localstack.constants import APPLICATION_JSON
from localstack.services.apigateway.helpers import EMPTY_MODEL, ModelResolver
from localstack.services.apigateway.models import RestApiContainer
from localstack.services.apigateway.next_gen.execute_api.context import InvocationRequest
from localstack.services.apigateway.next_gen.execute_api.gateway_response import BadRequestBodyError
from localstack.services.apigateway.next_gen.execute_api.handlers.integration_request import IntegrationRequestHandler
from localstack.services.apigateway.next_gen.execute_api.handlers.method_request import MethodRequestHandler

from loadstack_engine.api_gateway.validation_errors import describe

_VALIDATORS: WeakKeyDictionary[RestApiContainer, dict[str, Validator | None]] = WeakKeyDictionary()


class InvalidBodyError(BadRequestBodyError):
    """``validation_error`` says what is wrong with the body, ``[]`` around it as on AWS."""

    def __init__(self, validation_error: str) -> None:
        super().__init__("Invalid request body")
        self.validation_error = f"[{validation_error}]"


def check_body(method: dict[str, Any], rest_api: RestApiContainer, request: InvocationRequest) -> bool:
    """As ``MethodRequestHandler._is_body_valid``, but for the error; an empty body counts as ``{}``.

    Raises:
        InvalidBodyError: with all that is wrong.
    """
    models = method.get("requestModels") or {}
    validator = _validator_of(rest_api, models.get("application/json") or models.get("$default") or EMPTY_MODEL)
    if validator is None:
        return False
    try:
        body = json.loads((request.get("body") or b"{}").decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidBodyError(f"Could not parse request body into json: {error}") from error
    errors: list[ValidationError] = sorted(validator.iter_errors(body), key=lambda each: list(map(str, each.path)))
    if errors:
        raise InvalidBodyError(", ".join(describe(errors)))
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def request_template(integration: Integration, request: InvocationRequest) -> str:
    """As ``IntegrationRequestHandler.get_request_template``, of the media type without its parameters.

    Raises:
        UnsupportedMediaTypeError: 415, there is none, and ``passthroughBehavior`` lets nothing else pass.
    """
    content_type = request["headers"].get("Content-Type", APPLICATION_JSON)
    plain = {"headers": {"Content-Type": content_type.partition(";")[0].strip().lower()}}
    return cast("str", _original_request_template(integration, plain))


def _validator_of(rest_api: RestApiContainer, model: str) -> Validator | None:
    """None where the model cannot be resolved. AWS's models are JSON schema draft 4."""
    known = _VALIDATORS.setdefault(rest_api, {})
    if model not in known:
        schema = ModelResolver(rest_api_container=rest_api, model_name=model).get_resolved_model()
        known[model] = validator_for(schema, default=Draft4Validator)(schema) if schema else None
    return known[model]


_original_request_template = IntegrationRequestHandler.get_request_template


def use() -> None:
    MethodRequestHandler._is_body_valid = staticmethod(check_body)
    IntegrationRequestHandler.get_request_template = staticmethod(request_template)
