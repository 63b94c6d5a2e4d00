"""The shop's template: both flows by a parameter, what else differs from account to account, and what to look up."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bootstrap.buckets import Bucket
from bootstrap.flows import Flow
from bootstrap.monitoring import Dashboard
from bootstrap.references import Ref
from bootstrap.resources import EventBus, Function, Queue, Resource, Stack, Table, Topic
from bootstrap.rest_api import RestApi
from bootstrap.shop import SENDER, blocks, stack
from bootstrap.shop_monitoring import ALARMS
from bootstrap.state_machines import StateMachine
from bootstrap.template import merge, text
from bootstrap.template.names import ON_AWS, expression, logical_id
from bootstrap.template.stack import resources

FILE = "template.yaml"
"""Where it lies in the checkout."""

EMULATORS_ACCOUNT = "000000000000"
_SAGA = merge.Choice("IsSaga", "IsChoreography", "Flow", Flow.SAGA.value, Flow.CHOREOGRAPHY.value)
_SENDER = "MailSender"
_HEADER = """The shop of Loadstack as an AWS SAM template: docs/template.md.
Generated from the declaration in bootstrap/ by `make template`: change that, not this."""


def template() -> dict[str, Any]:
    """The template as data, in CloudFormation's long form.

    Raises:
        DeclarationError: the flows differ in what no condition can express, or logical ids are not unique.
    """
    saga, choreography = stack(Flow.SAGA), stack(Flow.CHOREOGRAPHY)
    rendered = merge.resources(_SAGA, resources(saga), resources(choreography))
    rendered[logical_id(SENDER)]["Properties"]["EmailIdentity"] = {"Ref": _SENDER}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "Loadstack's shop: an event-driven serverless stack that can be load-tested.",
        "Parameters": _parameters(),
        "Conditions": _conditions(rendered),
        "Resources": rendered,
        "Outputs": dict(_outputs(saga, {each.ref for each in choreography.resources})),
    }


def render() -> str:
    """The text of `template.yaml`, the same on any day and machine."""
    made = template()
    return text.render(made, _HEADER, _headings(made["Resources"]))


def _headings(rendered: Mapping[str, Any]) -> Mapping[str, str]:
    """What the first resource of each block of the declaration begins, by its logical id."""
    parts: dict[str, Iterable[Resource]] = {**blocks(Flow.SAGA), "alarms and dashboard": (Topic(ALARMS.name),)}
    ids = {title: [logical_id(each.ref) for each in block] for title, block in parts.items()}
    return {next(name for name in names if name in rendered): title for title, names in ids.items()}


def _parameters() -> dict[str, Any]:
    return {
        _SAGA.parameter: {
            "Type": "String",
            "Description": "Who says what happens next to an order: the services by events, or a state machine.",
            "AllowedValues": [flow.value for flow in Flow],
            "Default": Flow.CHOREOGRAPHY.value,
        },
        _SENDER: {
            "Type": "String",
            "Description": "The address that mails come from; on AWS one of yours, which SES asks to confirm.",
            "Default": SENDER.name,
            "AllowedPattern": r"[^@\s]+@[^@\s]+",
            "ConstraintDescription": "must be an e-mail address",
        },
    }


def _conditions(rendered: dict[str, Any]) -> dict[str, Any]:
    """Those that are used: cfn-lint tells of others."""
    used = repr(rendered)
    conditions = {
        _SAGA.condition: {"Fn::Equals": [{"Ref": _SAGA.parameter}, _SAGA.holds]},
        _SAGA.opposite: {"Fn::Equals": [{"Ref": _SAGA.parameter}, _SAGA.fails]},
        ON_AWS: {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::AccountId"}, EMULATORS_ACCOUNT]}]},
    }
    return {name: condition for name, condition in conditions.items() if f"'{name}'" in used}


def _outputs(saga: Stack, everywhere: set[Ref]) -> Iterator[tuple[str, Any]]:
    for declared in saga.resources:
        for name, output in _outputs_of(declared):
            condition = {} if declared.ref in everywhere else {"Condition": _SAGA.condition}
            yield name, condition | output


def _outputs_of(declared: Resource) -> Iterator[tuple[str, Any]]:
    name = logical_id(declared.ref)
    match declared:
        case RestApi():
            address = f"https://${{{name}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{declared.stage}"
            yield "ApiUrl", _output("Where the shop's API answers.", {"Fn::Sub": address})
        case Table():
            yield f"{name}Name", _output(f"The table {declared.name}.", expression(declared.ref))
        case Queue():
            yield f"{name}Url", _output(f"The queue {declared.name}.", {"Ref": name})
        case Topic():
            yield f"{name}Arn", _output(f"The topic {declared.name}.", expression(declared.ref.arn()))
        case EventBus():
            yield f"{name}Name", _output(f"The event bus {declared.name}.", expression(declared.ref))
        case Bucket():
            yield f"{name}Name", _output(f"The bucket {declared.name}.", expression(declared.ref))
        case Function():
            yield f"{name}Arn", _output(f"The function {declared.name}.", expression(declared.ref.arn()))
        case StateMachine():
            yield f"{name}Arn", _output(f"The state machine {declared.name}.", expression(declared.ref.arn()))
        case Dashboard():
            page = "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards/dashboard/"
            yield f"{name}Url", _output("What CloudWatch shows of the shop.", {"Fn::Sub": f"{page}${{{name}}}"})


def _output(description: str, value: Any) -> dict[str, Any]:
    return {"Description": description, "Value": value}
