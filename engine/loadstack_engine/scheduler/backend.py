"""The schedules, which LocalStack keeps in moto, and what creating, updating and deleting them has to plan."""

from datetime import UTC, datetime
from functools import wraps
from typing import Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends
from moto.scheduler.responses import EventBridgeSchedulerResponse

from loadstack_engine.agenda import AGENDA
from loadstack_engine.schedule_expressions import parse
from loadstack_engine.scheduler.planning import Planner
from loadstack_engine.scheduler.targets import invoke


def _group_of(schedule: Schedule) -> Any:
    _, _, _, region, account_id, _ = schedule.arn.split(":", 5)
    return scheduler_backends[account_id][region].schedule_groups.get(schedule.group_name)


def _exists(schedule: Schedule) -> bool:
    group = _group_of(schedule)
    return group is not None and group.schedules.get(schedule.name) is schedule


PLANNER = Planner(AGENDA, invoke, _exists, lambda schedule: _group_of(schedule).delete_schedule(schedule.name))


def _check(parameters: dict[str, Any]) -> None:
    zone = parameters.get("schedule_expression_timezone") or "UTC"
    try:
        parse(parameters["schedule_expression"], datetime.now(UTC), zone)
    except ValueError as error:
        raise ValidationException(str(error)) from error


def use() -> None:
    """Fire schedules that are created or updated from now on."""
    create = EventBridgeSchedulerBackend.create_schedule
    update = EventBridgeSchedulerBackend.update_schedule
    answer_update = EventBridgeSchedulerResponse.update_schedule

    @wraps(create)  # LocalStack patches it too when it loads the service, and finds its class by this name
    def create_schedule(backend: EventBridgeSchedulerBackend, **parameters: Any) -> Schedule:
        _check(parameters)
        schedule = create(backend, **parameters)
        PLANNER.plan(schedule)
        return schedule

    def update_schedule(backend: EventBridgeSchedulerBackend, **parameters: Any) -> Schedule:
        _check(parameters)
        schedule = update(backend, **parameters)
        schedule.state = schedule.state or "ENABLED"
        PLANNER.plan(schedule)
        return schedule

    def update_and_keep_action(response: EventBridgeSchedulerResponse) -> str:
        answer: str = answer_update(response)
        group, name = response._get_param("GroupName"), response.uri.split("?")[0].split("/")[-1]
        schedule = response.scheduler_backend.get_schedule(group, name)
        schedule.action_after_completion = response._get_param("ActionAfterCompletion")  # moto forgets it
        return answer

    EventBridgeSchedulerBackend.create_schedule = create_schedule
    EventBridgeSchedulerBackend.update_schedule = update_schedule
    EventBridgeSchedulerResponse.update_schedule = update_and_keep_action
