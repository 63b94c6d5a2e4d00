"""EventBridge: buses, rules with a pattern or a schedule, and their targets."""

import json
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.resources import EventBus, Rule


def ensure_bus(context: Context, bus: EventBus) -> Outcome:
    if bus.name in context.observed.buses():
        return Outcome.UNCHANGED
    context.clients.events.create_event_bus(Name=bus.name)
    return Outcome.CREATED


def ensure_rule(context: Context, rule: Rule) -> Outcome:
    """Put the rule where it is missing or differs, then its targets; targets no longer declared go."""
    found: Any = context.observed.rules(rule.bus_name).get(rule.name)
    targets = _targets(context, rule) if found else {}
    wanted = {target.id: context.arn(target.ref) for target in rule.targets}
    if found and _matches(found, rule) and targets == wanted:
        return Outcome.UNCHANGED
    if not found or not _matches(found, rule):
        context.clients.events.put_rule(**_request(rule))
    _put_targets(context, rule, targets, wanted)
    return Outcome.UPDATED if found else Outcome.CREATED


def _put_targets(context: Context, rule: Rule, found: dict[str, str], wanted: dict[str, str]) -> None:
    events = context.clients.events
    gone = [name for name in found if name not in wanted]
    if gone:
        events.remove_targets(Rule=rule.name, EventBusName=rule.bus_name, Ids=gone)
    changed: Any = [{"Id": name, "Arn": arn} for name, arn in wanted.items() if found.get(name) != arn]
    if changed:
        answer = events.put_targets(Rule=rule.name, EventBusName=rule.bus_name, Targets=changed)
        if answer.get("FailedEntryCount"):
            raise RuntimeError(f"targets refused: {answer['FailedEntries']}")


def _targets(context: Context, rule: Rule) -> dict[str, str]:
    answer = context.clients.events.list_targets_by_rule(Rule=rule.name, EventBusName=rule.bus_name)
    return {target["Id"]: target["Arn"] for target in answer["Targets"]}


def _request(rule: Rule) -> Any:
    request = {"Name": rule.name, "EventBusName": rule.bus_name, "State": "ENABLED"}
    if rule.event_pattern is not None:
        request["EventPattern"] = json.dumps(rule.event_pattern)
    if rule.schedule_expression is not None:
        request["ScheduleExpression"] = rule.schedule_expression
    return request


def _matches(found: dict[str, Any], rule: Rule) -> bool:
    pattern = json.loads(found["EventPattern"]) if found.get("EventPattern") else None
    same_schedule = (found.get("ScheduleExpression") or None) == rule.schedule_expression
    return pattern == rule.event_pattern and same_schedule and found.get("State") == "ENABLED"
