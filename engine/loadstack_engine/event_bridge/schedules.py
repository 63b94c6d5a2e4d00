"""Rules with a schedule, fired when they are due.

Stock LocalStack 4.14.0 looks at all of them once a minute, computes with a cron that counts weekdays from another day
than AWS, fires twice after a second ``PutTargets``, and goes on after the rule was disabled or deleted.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from localstack.aws.api.events import RuleState
from localstack.services.events.models import Rule, ValidationException
from localstack.services.events.provider import EventsProvider
from localstack.services.events.rule import RuleService
from localstack.services.events.scheduler import JobScheduler

from loadstack_engine.agenda import AGENDA
from loadstack_engine.schedule_expressions import Moments, parse


def plan(provider: EventsProvider, rule: Rule, moments: Moments) -> None:
    """Plan the next time; a rule that was replaced or deleted by then is not planned again."""
    due = moments(datetime.now(UTC))
    if due is not None:
        AGENDA.at(due, partial(_fire, provider, rule, moments))


def _fire(provider: EventsProvider, rule: Rule, moments: Moments) -> None:
    if not _is_current(provider, rule):
        return
    plan(provider, rule, moments)
    if rule.state != RuleState.DISABLED:
        provider._get_scheduled_rule_job_function(rule.account_id, rule.region, rule)()


def _is_current(provider: EventsProvider, rule: Rule) -> bool:
    bus = provider.get_store(rule.region, rule.account_id).event_buses.get(rule.event_bus_name)
    return bus is not None and bus.rules.get(rule.name) is rule


def use() -> None:
    """Fire this way; before the service is loaded. The first time of a rate is one period after ``PutRule``."""
    stock = EventsProvider.create_rule_service

    def create_rule_service(provider: EventsProvider, *arguments: Any, **named: Any) -> RuleService:
        service = stock(provider, *arguments, **named)
        if expression := service.rule.schedule_expression:
            try:
                moments = parse(expression, anchor=datetime.now(UTC))
            except ValueError as error:
                raise ValidationException("Parameter ScheduleExpression is not valid.") from error
            plan(provider, service.rule, moments)
        return service

    EventsProvider.create_rule_service = create_rule_service
    RuleService.create_schedule_job = lambda _service, _job: None
    JobScheduler.start = classmethod(lambda cls: cls.instance())
