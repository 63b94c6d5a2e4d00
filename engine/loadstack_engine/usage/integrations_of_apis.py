"""What APIs call without a function, ``AWS`` integrations: AWS bills it as any other call. Of SQS only.

SQS's query protocol is what integrations speak: the queue in the path, the message in a form.
"""

from typing import Any
from urllib.parse import parse_qsl

from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import RestApiAwsIntegration

from loadstack_engine.runtime import _loadstack_requests as requests
from loadstack_engine.usage.between_services import INTEGRATION
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE


def use() -> None:
    """Count from now on."""
    original = RestApiAwsIntegration.invoke

    def invoke(integration: RestApiAwsIntegration, context: RestApiInvocationContext) -> Any:
        answer = original(integration, context)
        _count(integration, context, answer)
        return answer

    RestApiAwsIntegration.invoke = invoke


@harmless
def _count(integration: RestApiAwsIntegration, context: RestApiInvocationContext, answer: Any) -> None:
    if answer["status_code"] < 300:
        request = context.integration_request
        called = integration.parse_aws_integration_uri(request["uri"])
        if called["service_name"] == "sqs":
            _count_message(called["path"], request["body"])


def _count_message(path: str, body: bytes | str) -> None:
    form = parse_qsl(body.decode(errors="replace") if isinstance(body, bytes) else body, keep_blank_values=True)
    size = sum(len(value.encode()) for name, value in form if name.startswith("Message"))
    queue = requests.last_part(dict(form).get("QueueUrl") or path)
    USAGE.add(("sqs", queue, INTEGRATION, "apigateway"), requests.chunks(size))
