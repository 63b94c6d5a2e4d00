"""Properties that a template has no more, where the update is LocalStack's own: that sends what there is, and leaves
all else as it was. Here they get the value that they have where a template says nothing, or it is told that they stay.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localstack.services.cloudformation.resource_provider import OperationStatus

from loadstack_engine.cloudformation.models import Event, Request, own_properties

# As their updates take them.
_WITHOUT: Mapping[str, Mapping[str, Any]] = {
    "AWS::Lambda::EventSourceMapping": {
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "Enabled": True,
        "FilterCriteria": {"Filters": []},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "ScalingConfig": {},
    },
    "AWS::Lambda::Function": {
        "DeadLetterConfig": {},
        "Description": "",
        "Environment": {"Variables": {}},
        "Layers": [],
        "MemorySize": 128,
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
    },
    "AWS::SNS::Subscription": {
        "FilterPolicy": {},
        "FilterPolicyScope": "MessageAttributes",
        "RawMessageDelivery": False,
    },
}
# LocalStack's updates of these put everything, with defaults for what is not there.
_WHOLE = frozenset({"AWS::Lambda::Permission", "AWS::Route53::RecordSet", "AWS::SQS::Queue", "AWS::SSM::Parameter"})
# Taken out by its update, or by what we do after it; a state machine's definition is in one of several properties.
_SEEN_TO: Mapping[str, frozenset[str]] = {
    "AWS::Lambda::Function": frozenset({"ReservedConcurrentExecutions", "Tags"}),
    "AWS::SNS::Topic": frozenset({"Tags"}),
    "AWS::StepFunctions::StateMachine": frozenset(
        {"Definition", "DefinitionS3Location", "DefinitionString", "DefinitionSubstitutions", "Tags"}
    ),
}


def update(type_name: str, theirs: Any, request: Request) -> Event:
    """LocalStack's update; ``Not updated (…)`` names what stays in force though the template has it no more.

    Raises:
        NotImplementedError: LocalStack has none.
    """
    event: Event
    if type_name in _WHOLE:
        event = theirs.update(request)
        return event
    gone = _gone(request, theirs.SCHEMA)
    without = {name: value for name, value in _WITHOUT.get(type_name, {}).items() if name in gone}
    stays = gone - without.keys() - _SEEN_TO.get(type_name, frozenset())
    request.desired_state = {**request.desired_state, **copy.deepcopy(without)}
    event = theirs.update(request)
    if event.status is not OperationStatus.SUCCESS or event.resource_model is None:
        return event
    # The model of a function that was updated has all that the one before it had.
    model = {name: value for name, value in event.resource_model.items() if name not in gone - stays}
    if not stays:
        return replace(event, resource_model=model)
    note = f"Not updated ({', '.join(sorted(stays))}): LocalStack cannot take it out of a resource of {type_name}"
    return replace(event, resource_model=model, message=note)


def _gone(request: Request, schema: Mapping[str, Any]) -> set[str]:
    before, after = request.previous_state or {}, request.desired_state
    there = {name for name in schema.get("properties", ()) if before.get(name) not in (None, "", [], {})}
    return there - own_properties(schema) - {name for name in after if after[name] is not None}
