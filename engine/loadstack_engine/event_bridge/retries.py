"""Retry policies and dead-letter queues of rules' targets, which stock LocalStack 4.14.0 stores and does not use."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import requests
from localstack.services.events import target as events_target
from localstack.services.events.models import FormattedEvent
from localstack.services.events.target import TargetSender
from localstack.services.events.utils import to_json_str
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine.dead_letters import send_dead_letter
from loadstack_engine.failures import Failure, HttpTargetError
from loadstack_engine.redelivery import REDELIVERY, Delivery, RetryPolicy

_HTTP_TIMEOUT_S = 5  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html


def checked_request(**arguments: Any) -> requests.Response:
    """``requests.request`` for API destinations and REST APIs, within AWS's time.

    Raises:
        HttpTargetError: the status is 400 or above; stock only logs it.
    """
    response = requests.request(**{"timeout": _HTTP_TIMEOUT_S, **arguments})
    if not response.ok:
        raise HttpTargetError(response.status_code, response.reason or "")
    return response


def _dead_letter(sender: TargetSender, event: FormattedEvent, failure: Failure, attributes: dict[str, str]) -> None:
    queue_arn = (sender.target.get("DeadLetterConfig") or {}).get("Arn")
    if queue_arn:
        body = {key: value for key, value in event.items() if key != "event-bus-name"}
        origin = {"RULE_ARN": sender.rule_arn, "TARGET_ARN": sender.arn, "ERROR_CODE": failure.kind}
        send_dead_letter(queue_arn, to_json_str(body), origin | attributes)


def use() -> None:
    """Deliver with retries from now on; the first attempt is made at once, and no failure is raised."""
    stock = TargetSender.process_event

    def process_event(sender: TargetSender, event: FormattedEvent, trace_header: TraceHeader) -> None:
        def send(_attempt: int) -> None:
            stock(sender, event.copy(), trace_header)

        name = f"Event {event.get('id')} for {sender.arn} of {sender.rule_arn}"
        give_up = partial(_dead_letter, sender, event)
        REDELIVERY.deliver(Delivery(name, send, give_up, RetryPolicy.of(sender.target)))

    TargetSender.process_event = process_event
    events_target.requests = SimpleNamespace(request=checked_request)
