"""SNS, which still speaks AWS's query protocol: LocalStack's own parser and serializer, without the chain around them.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from typing import Any

from localstack.aws.protocol.parser import RequestParserError, create_parser
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.spec import get_service_catalog

from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.hot_operations.admission import caller_of, is_untouched
from loadstack_engine.hot_operations.operation import Answer, Operation, context_of, perform, skeleton_of

_SERVICE = "sns"
_CONTENT_TYPES = ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8")


def answer(request: HttpRequest) -> Answer | None:
    """A hot route."""
    if request.target != "/" or request.method != "POST" or "x-amz-target" in request.fields:
        return None
    if request.fields.get("content-type") not in _CONTENT_TYPES:
        return None
    caller = caller_of(request)
    if caller is None or caller.service != _SERVICE or not is_untouched(_SERVICE):
        return None
    skeleton = skeleton_of(_SERVICE)
    return None if skeleton is None else _perform(request, caller, skeleton)


def _perform(request: HttpRequest, caller: Any, skeleton: Any) -> Answer | None:
    service = get_service_catalog().get(_SERVICE)
    context = context_of(request, caller, Operation(service, "query", None))
    try:
        context.operation, instance = create_parser(service, "query").parse(context.request)
    except RequestParserError:
        return None  # LocalStack has the error for it
    if context.operation.name not in skeleton.dispatch_table:
        return None

    def serialize(result: Any, request_id: str) -> HttpResponse:
        made = create_serializer(service, "query").serialize_to_response(
            result, context.operation, context.request.headers, request_id
        )
        return HttpResponse(made.status_code, list(made.headers), made.get_data())

    return perform(skeleton, context, instance, serialize)
