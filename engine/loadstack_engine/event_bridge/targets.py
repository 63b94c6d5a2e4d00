"""From PutEvents to the targets, within the process.

Stock LocalStack 4.14.0 starts a thread for every event, compiles every rule's pattern in it anew, sends to disabled
rules too, and reaches each target through a botocore client.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from localstack.aws.api.events import RuleState
from localstack.services.events import provider as events_provider
from localstack.services.events import target as events_target
from localstack.services.events.models import FormattedEvent, Rule
from localstack.services.events.provider import EventsProvider
from localstack.services.events.rule import RuleService
from localstack.services.events.target import TargetSender
from localstack.services.events.utils import is_archive_arn

from loadstack_engine.agenda import AGENDA
from loadstack_engine.event_bridge.patterns import compiled
from loadstack_engine.iam.services import watched
from loadstack_engine.in_process import Client, queue_url

LOG = logging.getLogger(__name__)

# By the sender's name for it: what LocalStack implements itself, of the operations that targets call.
_IN_PROCESS = {"sqs": "sqs", "sns": "sns", "lambda": "lambda", "events": "events", "stepfunctions": "stepfunctions"}
# They take what they get and return: PutEvents does not wait for more. Everything else goes by the pool.
_IMMEDIATE = frozenset({"sqs", "sns", "lambda"})


def process_rules(provider: EventsProvider, parameters: dict[str, Any]) -> None:
    """Send one event to the targets of the rules that match it.

    ``parameters`` are stock's: ``rules``, ``region``, ``account_id``, ``event_formatted``, ``trace_header``.
    """
    for rule in parameters["rules"]:
        if _matches(rule, parameters["event_formatted"]):
            for target in list(rule.targets.values()):
                try:
                    _deliver(provider, rule, target, parameters)
                except Exception as error:
                    LOG.info("An event was not delivered to target %s of %s: %s", target["Id"], rule.arn, error)


def _matches(rule: Rule, event: FormattedEvent) -> bool:
    if not rule.event_pattern or rule.state == RuleState.DISABLED:
        return False
    try:
        return compiled(rule.event_pattern).matches(event)
    except Exception as error:
        LOG.warning("The pattern of %s cannot be applied: %s", rule.arn, error)
        return False


def _deliver(provider: EventsProvider, rule: Rule, target: dict[str, Any], parameters: dict[str, Any]) -> None:
    event = parameters["event_formatted"]
    if is_archive_arn(target["Arn"]):
        provider._put_to_archive(parameters["region"], parameters["account_id"], target["Id"], event)
        return
    sender = provider._target_sender_store[f"{rule.arn}-{target['Id']}"]
    send = partial(sender.process_event, event.copy(), parameters["trace_header"])
    if sender.service in _IMMEDIATE:
        send()
    else:
        AGENDA.now(send)


def run_here(method: Callable[[dict[str, Any]], None], params: dict[str, Any], name: str | None = None) -> None:
    """In place of a thread for each event: nothing of what is left takes long."""
    method(params)


def use() -> None:
    """Deliver this way from now on; before the service is loaded."""
    stock_client = TargetSender._initialize_client
    stock_rule = EventsProvider.create_rule_service

    def client_of(sender: TargetSender) -> Any:
        service, role = _IN_PROCESS.get(sender.service), sender.target.get("RoleArn") or ""
        if not service:
            return watched(stock_client(sender), role, "events")
        return Client(service, sender.target_account_id, sender.target_region, origin="events", role=role)

    def create_rule_service(provider: EventsProvider, *arguments: Any, **named: Any) -> RuleService:
        service = stock_rule(provider, *arguments, **named)
        if service.rule.event_pattern:
            compiled(service.rule.event_pattern)  # PutRule refuses it here, as on AWS
        return service

    TargetSender._initialize_client = client_of
    EventsProvider.create_rule_service = create_rule_service
    events_target.sqs_queue_url_for_arn = queue_url
    EventsProvider._process_rules_async = process_rules
    events_provider.start_worker_thread = run_here
