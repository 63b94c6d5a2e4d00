"""API Gateway: https://aws.amazon.com/api-gateway/pricing/: calls of REST APIs.

Those that API Gateway itself turns away for want of authentication, authorization or an API key, and those that it
throttles, are not billed. Response bytes are the bodies', for who pays for what leaves AWS.
"""

from collections.abc import Iterable

from localstack.services.apigateway.next_gen.execute_api.router import ApiGatewayEndpoint
from werkzeug.wrappers import Request, Response

from loadstack_engine.front.messages import HttpResponse
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE

_TURNED_AWAY = frozenset({401, 403, 429})
# API Gateway puts it on what it answers itself.
_OWN_ANSWER = "x-amzn-errortype"


@harmless
def count(api_id: str, stage: str, response: HttpResponse | Response) -> None:
    if isinstance(response, HttpResponse):
        status, names, size = response.status, (name for name, _ in response.headers), len(response.body)
        _count(api_id, stage, status, names, size)
    else:
        _count(api_id, stage, response.status_code, response.headers.keys(), response.calculate_content_length() or 0)


def _count(api_id: str, stage: str, status: int, headers: Iterable[str], size: int) -> None:
    free = status in _TURNED_AWAY and any(name.lower() == _OWN_ANSWER for name in headers)
    section = ("api_gateway", f"{api_id}/{stage}")
    USAGE.add_all([((*section, "unbilled" if free else "requests"), 1), ((*section, "response_bytes"), size)])


def use() -> None:
    """Count what goes through the API's own chain; what does not is counted where it is answered."""
    original = ApiGatewayEndpoint.__call__

    def call(endpoint: ApiGatewayEndpoint, request: Request, **address: str) -> Response:
        response: Response = original(endpoint, request, **address)
        api_id, stage = str(address.get("api_id", "")).lower(), str(address.get("stage"))
        if endpoint.is_rest_api(api_id, stage):
            count(api_id, stage, response)
        return response

    ApiGatewayEndpoint.__call__ = call
