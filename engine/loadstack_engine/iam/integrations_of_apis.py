"""What APIs call without a function, ``AWS`` integrations with ``credentials``.

They speak the service's own protocol: SQS's and SNS's forms, S3's methods and paths, JSON with an action in the URI.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import RestApiAwsIntegration

from loadstack_engine.iam import services
from loadstack_engine.usage.harmless import harmless

_OBJECT = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_BUCKET = {"GET": "ListObjectsV2", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}


def use() -> None:
    """Record from now on."""
    original = RestApiAwsIntegration.invoke

    def invoke(integration: RestApiAwsIntegration, context: RestApiInvocationContext) -> Any:
        answer = original(integration, context)
        if role := context.integration.get("credentials"):
            _record(integration, context, role)
        return answer

    RestApiAwsIntegration.invoke = invoke


@harmless
def _record(integration: RestApiAwsIntegration, context: RestApiInvocationContext, role: str) -> None:
    request = context.integration_request
    called = integration.parse_aws_integration_uri(request["uri"])
    body = request["body"] or b""
    text = body if isinstance(body, str) else bytes(body).decode(errors="replace")
    fields = {**request["query_string_parameters"], **_fields(text)}
    service, path = called["service_name"], called["path"].partition("?")[0]
    caller = f"api:{context.api_id}"
    for operation, parameters in _calls(service, called["action_type"], path, request["http_method"], fields):
        services.asked(role, caller, service, operation, parameters, called["region_name"])


def _calls(
    service: str, kind: str, path: str, method: str, fields: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Operations with the SDK's parameters; nothing where it cannot be told."""
    if kind == "action":
        yield path.partition("&")[0], fields
    elif service == "s3":
        bucket, _, key = unquote(path).partition("/")
        operation = (_OBJECT if key else _BUCKET).get(method)
        if operation:
            yield operation, {"Bucket": bucket, "Key": key}
    elif operation := fields.get("Action"):
        yield operation, {"QueueUrl": f"/{path}", **fields} if service == "sqs" else fields


def _fields(text: str) -> dict[str, Any]:
    """Of a JSON object or a form; none of anything else, a picture's bytes for example."""
    if text[:1] == "{":
        found: dict[str, Any] = json.loads(text)
        return found
    return dict(parse_qsl(text)) if text[:1].isalpha() and "=" in text[:128] else {}
