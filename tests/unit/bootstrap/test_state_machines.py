"""State machines: the word, its mistakes, and its deployment."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.deploy import deploy
from bootstrap.describe import missing
from bootstrap.flows import Flow
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.resources import Function, Queue, QueuePolicy, Resource, Role, Rule, Stack, Statement
from bootstrap.shop import stack
from bootstrap.shop_gateway import StripeGateway, with_gateway
from bootstrap.shop_saga import DEAD_LETTERS, ORDER_SAGA, TIMEOUT_S, definition, order_saga
from bootstrap.state_machines import StateMachine, filled_in
from bootstrap.validate import mistakes
from bootstrap.validate_state_machine import mistakes_of_definition

SHOP = stack(Flow.SAGA)
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
PASS = {"Type": "Pass", "End": True}


def changed(which: str, **fields: Any) -> Stack:
    """The shop with the saga, one of whose resources is different."""
    resources = [replace(each, **fields) if each.name == which else each for each in SHOP.resources]
    return Stack("shop", tuple(resources))


def test_saga_has_no_mistakes(root: Path) -> None:
    assert mistakes(SHOP, root) == []


def test_saga_adds_to_the_choreography_and_takes_nothing_away() -> None:
    """So that an order ends in the flow in which it began."""
    choreography = {resource.ref: resource for resource in stack(Flow.CHOREOGRAPHY).resources}
    saga = {resource.ref: resource for resource in SHOP.resources}
    assert choreography.keys() <= saga.keys()
    rules = [ref for ref in choreography if ref.kind is Kind.RULE]
    assert [saga[ref] for ref in rules] == [choreography[ref] for ref in rules]


def test_orders_may_start_the_saga_and_only_there() -> None:
    for flow in Flow:
        role = stack(flow).find(Ref(Kind.ROLE, "shop-orders"))
        assert isinstance(role, Role)
        may = [each.resources for each in role.statements if "states:StartExecution" in each.actions]
        assert may == ([(ORDER_SAGA.arn_by_name(),)] if flow is Flow.SAGA else [])


@pytest.mark.parametrize(
    ("start", "states", "told"),
    [
        ("B", {"A": PASS}, ["starts at 'B', which is no state: correct StartAt.", "nothing leads to A: take it out."]),
        ("A", {"A": {"Type": "Pass", "Next": "B"}}, ["A leads to 'B', which is no state: correct it."]),
        ("A", {"A": {"Type": "Pass"}}, ["A leads nowhere: give it Next, or End."]),
        ("A", {"A": {"Type": "Fail"}}, []),
        ("A", {"A": PASS, "B": PASS}, ["nothing leads to B: take it out."]),
        ("A", {"A": {**TASK, "Retry": ({"MaxAttempts": 1},)}}, ["A names no error in Retry: give it ErrorEquals."]),
        ("A", {"A": {**TASK, "Catch": ({"ErrorEquals": ("States.ALL",), "Next": "B"},)}, "B": PASS}, []),
        ("A", {"A": {"Type": "Choice", "Choices": ({"Next": "B"},), "Default": "A"}, "B": PASS}, []),
    ],
)
def test_mistakes_of_a_definition(start: str, states: Mapping[str, Any], told: list[str]) -> None:
    assert list(mistakes_of_definition({"StartAt": start, "States": states})) == told


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        (changed("shop-order-saga", service="lambda.amazonaws.com"), "Step Functions may not take it"),
        (
            changed("shop-order-saga", statements=(Statement(("lambda:InvokeFunction",), ()),)),
            "may not invoke function payments: allow lambda:InvokeFunction",
        ),
        (
            changed("order-saga-failed", event_pattern={"source": ["aws.states"]}),
            "no rule sends its executions that failed to queue order-saga-dlq",
        ),
        (changed("order-saga", dead_letters=Ref(Kind.QUEUE, "payments-dlq")), "takes the dead letters of"),
        (changed("order-saga", name="order saga"), "is not valid on AWS"),
        (changed("order-saga", role=DEAD_LETTERS), "its role must be a role"),
    ],
)
def test_mistakes_beside_the_rest_of_the_stack(stack: Stack, told: str, root: Path) -> None:
    assert [line for line in mistakes(stack, root) if told in line]


def test_name_alone_waits_for_nobody_and_must_be_declared_all_the_same(root: Path) -> None:
    without = Stack("shop", tuple(each for each in SHOP.resources if each.ref != ORDER_SAGA))
    assert any("refers to state machine order-saga, which is not declared" in line for line in mistakes(without, root))


@pytest.fixture
def saga() -> Stack:
    """The state machine with what it needs, but for functions, which moto cannot run."""
    kinds = StateMachine | Role | Rule | Queue | QueuePolicy
    resources: list[Resource] = [each for each in order_saga() if isinstance(each, kinds)]
    return Stack("saga", tuple(resources))


def test_deployed_machine_is_left_alone_until_it_changes(empty: None, saga: Stack, clients: Clients) -> None:
    nothing = Artifacts({}, {})
    assert set(missing(clients, saga)) >= {ORDER_SAGA}

    assert dict(deploy(clients, saga, nothing).outcomes)[ORDER_SAGA] is Outcome.CREATED
    assert not deploy(clients, saga, nothing).changed
    assert missing(clients, saga) == []

    (machine,) = saga.of(StateMachine)
    other = {**machine.definition, "Comment": "another one"}
    resources = [replace(each, definition=other) if each is machine else each for each in saga.resources]
    again = Stack("saga", tuple(resources))
    assert dict(deploy(clients, again, nothing).outcomes)[ORDER_SAGA] is Outcome.UPDATED

    (found,) = clients.stepfunctions.list_state_machines()["stateMachines"]
    described = clients.stepfunctions.describe_state_machine(stateMachineArn=found["stateMachineArn"])
    assert json.loads(described["definition"])["Comment"] == "another one"
    assert described["type"] == "STANDARD"


def test_rule_names_the_machine_by_its_arn(empty: None, saga: Stack, clients: Clients) -> None:
    deploy(clients, saga, Artifacts({}, {}))

    pattern = json.loads(clients.events.describe_rule(Name="order-saga-failed")["EventPattern"])

    (machine,) = clients.stepfunctions.list_state_machines()["stateMachines"]
    assert pattern["detail"]["stateMachineArn"] == [machine["stateMachineArn"]]


def test_definition_is_plain_json_once_it_is_filled_in() -> None:
    text = json.dumps(filled_in(definition(), lambda ref: f"arn:{ref.name}"))

    states = json.loads(text)["States"]
    assert states["Charge"]["Parameters"]["FunctionName"] == "arn:payments"
    assert states["Reserve"]["Retry"][0]["ErrorEquals"] == ["States.ALL"]
    assert {state.get("QueryLanguage", "JSONPath") for state in states.values()} == {"JSONPath"}


def test_step_waits_longer_than_any_function_may_take() -> None:
    declared = with_gateway(stack(Flow.SAGA), StripeGateway("http://127.0.0.1:8420"))
    slowest = max(each.timeout for each in declared.of(Function) if each.name in ("inventory", "orders", "payments"))
    assert slowest < TIMEOUT_S
