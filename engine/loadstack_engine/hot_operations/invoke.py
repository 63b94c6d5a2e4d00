"""Lambda's ``Invoke``, by AWS's REST protocol: the function in the path, options in headers, the payload as the body.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote

from localstack.aws.spec import get_service_catalog

from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.hot_operations.admission import caller_of, is_untouched
from loadstack_engine.hot_operations.operation import Answer, Operation, context_of, perform, skeleton_of

_PREFIX, _SUFFIX = "/2015-03-31/functions/", "/invocations"
_SERVICE = "lambda"


def answer(request: HttpRequest) -> Answer | None:
    """A hot route."""
    if request.method != "POST" or not request.target.startswith(_PREFIX):
        return None
    function, qualifier = _function(request.path), _qualifier(request.query)
    if function is None or qualifier is None or "content-length" not in request.fields or not is_untouched(_SERVICE):
        return None
    caller, skeleton = caller_of(request), skeleton_of(_SERVICE)
    if caller is None or caller.service != _SERVICE or skeleton is None:
        return None
    operation, members = _model()
    instance: dict[str, Any] = {"FunctionName": function, **qualifier}
    for name, header in members:
        if header in request.fields:
            instance[name] = request.fields[header]
    if request.content:
        instance["Payload"] = BytesIO(request.content)
    return perform(skeleton, context_of(request, caller, operation), instance, _response)


def _function(path: str) -> str | None:
    """The function of the path; None where the path is another operation's, or odd."""
    name = path.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    if not path.endswith(_SUFFIX) or not name or "/" in name or "%2f" in name.lower():
        return None
    return unquote(name)


def _qualifier(query: str) -> dict[str, str] | None:
    """The query as arguments; None where it has more than the qualifier."""
    if not query:
        return {}
    found = parse_qsl(query, keep_blank_values=True)
    return dict(found) if [name for name, _ in found] == ["Qualifier"] else None


def _response(result: dict[str, Any], request_id: str) -> HttpResponse:
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    for name, header in _OUTPUT:
        if result.get(name) is not None:
            headers.append((header, result[name]))
    headers += [("x-amzn-RequestId", request_id), ("x-amz-request-id", request_id)]
    payload = result.get("Payload", b"")
    return HttpResponse(result["StatusCode"], headers, payload.encode() if isinstance(payload, str) else payload)


@lru_cache(maxsize=1)
def _model() -> tuple[Operation, list[tuple[str, str]]]:
    """The operation, and the names of its members that are headers, those in lower case."""
    service = get_service_catalog().get(_SERVICE)
    model = service.operation_model("Invoke")
    members = [
        (name, shape.serialization["name"].lower())
        for name, shape in model.input_shape.members.items()
        if shape.serialization.get("location") == "header"
    ]
    return Operation(service, "rest-json", model), members


_OUTPUT = (
    ("FunctionError", "X-Amz-Function-Error"),
    ("LogResult", "X-Amz-Log-Result"),
    ("ExecutedVersion", "X-Amz-Executed-Version"),
)
