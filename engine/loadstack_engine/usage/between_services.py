"""What services call of each other: by what made the call, ``sns``, ``events``, ``scheduler``, ``apigateway``.

AWS bills what an API's integration or a schedule calls as any other request. Whoever reads the figures decides about
deliveries of SNS and EventBridge, so they stand apart.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from loadstack_engine.runtime import _loadstack_requests as requests
from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE, Place

INTEGRATION = "integration"


type _Fields = Mapping[str, Any]


@harmless
def count(origin: str, service: str, operation: str, parameters: _Fields, answer: _Fields | None) -> None:
    """A call with the SDK's parameters; of services other than SQS, SNS and EventBridge nothing."""
    USAGE.add_all(_amounts(origin, service, operation, parameters, answer or {}))


def _amounts(
    origin: str, service: str, operation: str, parameters: _Fields, answer: _Fields
) -> Iterator[tuple[Place, float]]:
    if service == "sqs" and (url := parameters.get("QueueUrl")):
        place = ("sqs", requests.last_part(url), INTEGRATION, origin)
        yield place, requests.of_sqs(operation, parameters, {})
    elif service == "sns" and (topic := parameters.get("TopicArn")):
        yield ("sns", requests.last_part(topic), INTEGRATION, origin), requests.of_sns(parameters)
    elif service == "events" and operation == "PutEvents":
        for bus, count_ in requests.of_events(parameters, answer).items():
            yield ("events", bus, "custom_events"), count_
