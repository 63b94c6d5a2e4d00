"""The shop's template: committed, stable, accepted by SAM, and the declaration's in each flow."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from bootstrap.errors import DeclarationError
from bootstrap.flows import Flow
from bootstrap.references import Kind, Ref
from bootstrap.resources import Function, Queue, Stack
from bootstrap.rest_api import RestApi
from bootstrap.shop import blocks, stack
from bootstrap.template import merge, shop
from bootstrap.template.names import logical_id
from bootstrap.template.stack import resources

ROOT = Path(__file__).parents[4]
# Declared apart, and in a template part of something else.
_PARTS = {Kind.EVENT_SOURCE_MAPPING, Kind.STREAM_MAPPING, Kind.BUCKET_NOTIFICATION}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return shop.template()


def test_committed_template_is_what_the_declaration_says() -> None:
    assert (ROOT / shop.FILE).read_text(encoding="utf-8") == shop.render(), "template.yaml is stale: run make template"


def test_committed_template_is_read_as_it_was_meant(template: dict[str, Any]) -> None:
    assert yaml_parse((ROOT / shop.FILE).read_text(encoding="utf-8")) == template


@pytest.mark.parametrize("flow", Flow)
def test_each_flow_has_all_that_is_declared(template: dict[str, Any], flow: Flow) -> None:
    declared = {logical_id(each.ref) for each in stack(flow).resources if each.kind not in _PARTS}
    condition = {Flow.SAGA: "IsSaga", Flow.CHOREOGRAPHY: "IsChoreography"}[flow]
    there = {name for name, each in template["Resources"].items() if each.get("Condition") in (None, condition)}
    assert declared <= there
    others = {logical_id(each.ref) for each in stack(_other(flow)).resources if each.kind not in _PARTS} - declared
    assert not others & there


def _other(flow: Flow) -> Flow:
    return Flow.SAGA if flow is Flow.CHOREOGRAPHY else Flow.CHOREOGRAPHY


@pytest.mark.parametrize("flow", Flow)
def test_sam_translates_it(template: dict[str, Any], flow: Flow) -> None:
    """With the queues and streams that are declared, each to its function."""
    packaged = copy.deepcopy(template)
    for resource in packaged["Resources"].values():
        for name in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][name] = f"s3://bucket/{resource['Properties'][name]}"
    session = Session("any", "any", region_name="eu-west-1")
    translated = Translator({}, Parser(), boto_session=session).translate(packaged, {"Flow": flow.value})["Resources"]
    assert not [name for name, each in translated.items() if each["Type"].startswith("AWS::Serverless::")]
    mapped = [each["Properties"] for each in translated.values() if each["Type"] == "AWS::Lambda::EventSourceMapping"]
    mappings = [each for each in stack(flow).resources if each.kind in (Kind.EVENT_SOURCE_MAPPING, Kind.STREAM_MAPPING)]
    assert len(mapped) == len(mappings)
    functions = [name for name, each in translated.items() if each["Type"] == "AWS::Lambda::Function"]
    assert functions == [logical_id(each.ref) for each in stack(flow).of(Function)]
    assert not _missing(translated)


def _missing(translated: dict[str, Any]) -> set[str]:
    """What is referred to and is not there."""
    known = {*translated, "Flow", "MailSender"}
    return {name for name in _referred(translated) if name not in known and not name.startswith("AWS::")}


def _referred(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            yield name
        case dict():
            for item in value.values():
                yield from _referred(item)
        case list():
            for item in value:
                yield from _referred(item)


def test_no_account_region_or_partition_is_written_out(template: dict[str, Any]) -> None:
    properties = json.dumps([each["Properties"] for each in template["Resources"].values()])
    assert "000000000000" not in properties
    assert "us-east-1" not in properties
    assert "arn:aws:" not in properties


def test_order_is_that_of_the_declaration(template: dict[str, Any]) -> None:
    declared = [logical_id(each.ref) for each in stack(Flow.SAGA).resources if each.kind not in _PARTS]
    assert [name for name in template["Resources"] if name in set(declared)] == declared


def test_each_service_has_its_heading() -> None:
    headings = re.findall(r"^  # -- (.+?) -+$", shop.render(), re.MULTILINE)
    assert headings == [*blocks(Flow.SAGA), "alarms and dashboard"]


def test_a_change_of_the_api_makes_another_deployment() -> None:
    declared = stack(Flow.CHOREOGRAPHY)
    [api] = declared.of(RestApi)
    changed = replace(api, routes=(replace(api.routes[0], method="GET"), *api.routes[1:]))
    before, after = (_deployments(Stack("shop", (each,))) for each in (api, changed))
    assert len(before) == len(after) == 1
    assert before != after
    assert before == _deployments(Stack("shop", (api,)))


def _deployments(declared: Stack) -> list[str]:
    return [name for name, each in resources(declared).items() if each["Type"] == "AWS::ApiGateway::Deployment"]


def test_two_resources_of_one_logical_id_are_refused() -> None:
    declared = Stack("shop", (Queue("order-s"), Queue("orderS")))
    with pytest.raises(DeclarationError, match="queue orderS: another resource has the logical id OrderSQueue too"):
        resources(declared)


def test_two_parts_of_an_api_of_one_logical_id_are_refused() -> None:
    [api] = stack(Flow.CHOREOGRAPHY).of(RestApi)
    routes = tuple(replace(api.routes[0], path=path) for path in ("/order-s", "/orderS"))
    with pytest.raises(DeclarationError, match="rest api shop: another resource has the logical id ShopOrderSPath too"):
        resources(Stack("shop", (replace(api, routes=routes),)))


def test_conditions_are_those_that_are_used(template: dict[str, Any]) -> None:
    assert list(template["Conditions"]) == ["IsSaga", "OnAws"]


def test_mails_come_from_the_parameter(template: dict[str, Any]) -> None:
    identity = template["Resources"][logical_id(Ref(Kind.EMAIL_IDENTITY, "shop@example.com"))]
    assert identity["Properties"] == {"EmailIdentity": {"Ref": "MailSender"}}
    assert template["Parameters"]["MailSender"]["Default"] == "shop@example.com"


def test_flow_of_the_stack_is_the_parameter(template: dict[str, Any]) -> None:
    """By which commands know which way orders go."""
    tags = template["Resources"]["OrderEventsTopic"]["Properties"]["Tags"]
    assert tags == [{"Key": "flow", "Value": {"Ref": "Flow"}}]


def test_outputs_of_what_one_flow_has_are_on_its_condition(template: dict[str, Any]) -> None:
    conditional = {name for name, each in template["Outputs"].items() if "Condition" in each}
    assert conditional == {"OrderSagaStateMachineArn", "OrderSagaDlqQueueUrl"}
    assert {"ApiUrl", "OrdersTableName", "OrdersQueueUrl", "OrderEventsTopicArn"} <= template["Outputs"].keys()


def test_dashboard_is_json_in_both_flows(template: dict[str, Any]) -> None:
    text, variables = template["Resources"]["ShopDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for index in (1, 2):
        body = text
        for name, each in variables.items():
            chosen = each["Fn::If"][index]
            body = body.replace(f"${{{name}}}", chosen["Fn::Sub"] if isinstance(chosen, dict) else chosen)
        alarms = next(each for each in json.loads(body)["widgets"] if each["type"] == "alarm")["properties"]["alarms"]
        assert ("${OrderSagaDlqDeadLettersAlarm.Arn}" in alarms) == (index == 1)


def test_merge_knows_each_difference_of_the_flows(template: dict[str, Any]) -> None:
    """Where `Fn::If` stands: a flow that changes more shows here, and in the diff of the template."""
    places = {path.split("/")[1] for path in _conditions(template["Resources"], "")}
    assert places == {"ShopOrdersRole", "OrdersFunction", "ShopDashboard"}
    assert merge.NO_VALUE == {"Ref": "AWS::NoValue"}


def _conditions(value: Any, path: str) -> Iterator[str]:
    match value:
        case {"Fn::If": ["IsSaga", *_]}:
            yield path
        case dict():
            for key, item in value.items():
                yield from _conditions(item, f"{path}/{key}")
        case list():
            for item in value:
                yield from _conditions(item, path)
