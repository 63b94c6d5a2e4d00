"""EventBridge: buses, rules with a pattern or a schedule, and their targets."""

import json
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.resources import EventBus, Rule, Target
from bootstrap.state_machines import filled_in


def ensure_bus(context: Context, bus: EventBus) -> Outcome:
    if bus.name in context.observed.buses():
        return Outcome.UNCHANGED
    context.clients.events.create_event_bus(Name=bus.name)
    return Outcome.CREATED


def ensure_rule(context: Context, rule: Rule) -> Outcome:
    """Put the rule where it is missing or differs, then its targets; targets no longer declared go."""
    found: Any = context.observed.rules(rule.bus_name).get(rule.name)
    targets = _targets(context, rule) if found else {}
    wanted = {target.id: _target(context, target) for target in rule.targets}
    pattern = filled_in(rule.event_pattern, context.arn)
    same = bool(found) and _matches(found, rule, pattern)
    if same and targets == wanted:
        return Outcome.UNCHANGED
    if not same:
        context.clients.events.put_rule(**_request(rule, pattern))
    _put_targets(context, rule, targets, wanted)
    return Outcome.UPDATED if found else Outcome.CREATED


def _put_targets(context: Context, rule: Rule, found: dict[str, Any], wanted: dict[str, Any]) -> None:
    events = context.clients.events
    gone = [name for name in found if name not in wanted]
    if gone:
        events.remove_targets(Rule=rule.name, EventBusName=rule.bus_name, Ids=gone)
    changed: Any = [{"Id": name, **target} for name, target in wanted.items() if found.get(name) != target]
    if changed:
        answer = events.put_targets(Rule=rule.name, EventBusName=rule.bus_name, Targets=changed)
        if answer.get("FailedEntryCount"):
            raise RuntimeError(f"targets refused: {answer['FailedEntries']}")


def _target(context: Context, target: Target) -> dict[str, Any]:
    """The target as EventBridge takes it, but for its id."""
    dead_letters = {"DeadLetterConfig": {"Arn": context.arn(target.dead_letters)}} if target.dead_letters else {}
    return {"Arn": context.arn(target.ref), **dead_letters}


def _targets(context: Context, rule: Rule) -> dict[str, Any]:
    """What is there, in the form of `_target`, by id."""
    answer = context.clients.events.list_targets_by_rule(Rule=rule.name, EventBusName=rule.bus_name)
    return {
        target["Id"]: {key: target[key] for key in ("Arn", "DeadLetterConfig") if target.get(key)}
        for target in answer["Targets"]
    }


def _request(rule: Rule, pattern: Any) -> Any:
    request = {"Name": rule.name, "EventBusName": rule.bus_name, "State": "ENABLED"}
    if pattern is not None:
        request["EventPattern"] = json.dumps(pattern)
    if rule.schedule_expression is not None:
        request["ScheduleExpression"] = rule.schedule_expression
    return request


def _matches(found: dict[str, Any], rule: Rule, pattern: Any) -> bool:
    found_pattern = json.loads(found["EventPattern"]) if found.get("EventPattern") else None
    same_schedule = (found.get("ScheduleExpression") or None) == rule.schedule_expression
    return bool(found_pattern == pattern) and same_schedule and found.get("State") == "ENABLED"
