"""What is wrong with a state machine: with its definition by itself, and beside the rest of the stack."""

from collections.abc import Iterator, Mapping
from typing import Any

from bootstrap.references import DEFAULT_BUS, Kind, refs_in
from bootstrap.resources import Role, Rule, Stack
from bootstrap.state_machines import StateMachine

_STATES = "states.amazonaws.com"
_FAILED = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})


def mistakes_of_definition(definition: Mapping[str, Any]) -> Iterator[str]:
    """States that lead nowhere, that nothing leads to, and Retry or Catch without an error."""
    states: Mapping[str, Mapping[str, Any]] = definition.get("States", {})
    start = definition.get("StartAt")
    if start not in states:
        yield f"starts at {start!r}, which is no state: correct StartAt."
    reached = {start}
    for name, state in states.items():
        following = _following(state)
        reached |= set(following)
        for other in following:
            if other not in states:
                yield f"{name} leads to {other!r}, which is no state: correct it."
        if not following and not state.get("End") and state.get("Type") not in ("Succeed", "Fail"):
            yield f"{name} leads nowhere: give it Next, or End."
        for field in ("Retry", "Catch"):
            if not all(each.get("ErrorEquals") for each in state.get(field, ())):
                yield f"{name} names no error in {field}: give it ErrorEquals."
    for name in states.keys() - reached:
        yield f"nothing leads to {name}: take it out."


def _following(state: Mapping[str, Any]) -> list[str]:
    ways = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    found = [way["Next"] for way in ways if "Next" in way]
    return [*found, state["Default"]] if "Default" in state else found


def state_machine_mistakes(stack: Stack) -> Iterator[str]:
    """Roles that Step Functions may not take or that may not call what is called, and failures that nobody keeps."""
    for machine in stack.of(StateMachine):
        role = stack.find(machine.role)
        if isinstance(role, Role):
            yield from _role(machine, role)
        if not any(_keeps_failures(rule, machine) for rule in stack.of(Rule)):
            yield (
                f"{machine.ref}: no rule sends its executions that failed to {machine.dead_letters}: declare one on the"
                " default bus."
            )


def _role(machine: StateMachine, role: Role) -> Iterator[str]:
    if role.service != _STATES:
        yield f"{role.ref}: Step Functions may not take it: make {_STATES} its service."
    functions = {ref for ref in refs_in(machine.definition) if ref.kind is Kind.FUNCTION}
    for function in sorted(functions, key=str):
        if not any("lambda:InvokeFunction" in s.actions and function.arn() in s.resources for s in role.statements):
            yield f"{machine.ref}: {role.ref} may not invoke {function}: allow lambda:InvokeFunction."


def _keeps_failures(rule: Rule, machine: StateMachine) -> bool:
    detail = (rule.event_pattern or {}).get("detail", {})
    return (
        rule.bus_name == DEFAULT_BUS
        and machine.ref.arn() in detail.get("stateMachineArn", ())
        and set(detail.get("status", ())) >= _FAILED
        and any(target.ref == machine.dead_letters for target in rule.targets)
    )
