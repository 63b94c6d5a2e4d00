"""Hot operations of the services with AWS's JSON protocol: the operation's name in ``X-Amz-Target``, JSON in and out.

https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.model import OperationNotFoundError
from localstack.aws.spec import get_service_catalog

from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.hot_operations import shapes
from loadstack_engine.hot_operations.admission import caller_of, is_untouched
from loadstack_engine.hot_operations.operation import Answer, Operation, context_of, perform, skeleton_of

_SERVICES = {"AmazonSQS": "sqs", "AWSEvents": "events", "AWSStepFunctions": "stepfunctions", "Logs_20140328": "logs"}
_CONTENT_TYPES = ("application/x-amz-json-1.0", "application/x-amz-json-1.1")


@dataclass(frozen=True)
class _JsonOperation:
    service: str
    signing_name: str
    name: str
    operation: Operation
    parse: shapes.Converter
    serialize: shapes.Converter
    content_type: str

    def response(self, result: Any, request_id: str) -> HttpResponse:
        body = json.dumps(self.serialize(result)).encode()
        return HttpResponse(200, [("Content-Type", self.content_type), ("x-amzn-RequestId", request_id)], body)


def answer(request: HttpRequest) -> Answer | None:
    """A hot route."""
    fields = request.fields
    target = fields.get("x-amz-target")
    if target is None or request.target != "/" or request.method != "POST":
        return None
    operation = _operation(target) if fields.get("content-type") in _CONTENT_TYPES else None
    if operation is None or not is_untouched(operation.service):
        return None
    caller, skeleton = caller_of(request), skeleton_of(operation.service)
    if caller is None or caller.service != operation.signing_name or skeleton is None:
        return None
    try:
        instance = operation.parse(json.loads(request.content or b"{}"))
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None  # LocalStack has the error for it
    if operation.name not in skeleton.dispatch_table:
        return None
    return perform(skeleton, context_of(request, caller, operation.operation), instance, operation.response)


@lru_cache(maxsize=1024)
def _operation(target: str) -> _JsonOperation | None:
    """None where the operation is unknown, or more than JSON."""
    prefix, _, name = target.rpartition(".")
    if prefix not in _SERVICES:
        return None
    service = get_service_catalog().get(_SERVICES[prefix])
    try:
        model = service.operation_model(name)
        parse, serialize = shapes.parser(model.input_shape), shapes.serializer(model.output_shape)
    except (OperationNotFoundError, shapes.UnsupportedShapeError):
        return None
    if model.http_checksum_required or model.has_event_stream_output or model.http.get("responseCode", 200) != 200:
        return None
    content_type = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    operation = Operation(service, "json", model)
    return _JsonOperation(service.service_name, service.signing_name, name, operation, parse, serialize, content_type)
