"""How the saga of an order begins."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from common.events import EventType
from orders.saga import SagaPublisher, name_of
from tests.unit.functions.factories import FakePublisher, order_event

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:order-saga"


class FakeStepFunctions:
    """As much of the client as is used; refuses the names in `known`, as AWS does, and everything with `code`."""

    def __init__(self, *known: str, code: str = "ExecutionAlreadyExists") -> None:
        self.known, self.code = set(known), code
        self.started: list[dict[str, Any]] = []

    def start_execution(self, **request: Any) -> None:
        """See boto3."""
        if request["name"] in self.known:
            raise ClientError({"Error": {"Code": self.code, "Message": ""}}, "StartExecution")
        self.known.add(request["name"])
        self.started.append(request)


def publisher(client: Any, bus: FakePublisher | None = None) -> SagaPublisher:
    """A publisher over these."""
    return SagaPublisher(bus or FakePublisher(), client, MACHINE)


def test_placed_order_starts_one_saga_of_its_name() -> None:
    client, bus = FakeStepFunctions(), FakePublisher()

    for _ in range(2):
        publisher(client, bus).publish(EventType.ORDER_PLACED, [order_event("order-1"), order_event("order-2")])

    assert [each["name"] for each in client.started] == ["order-1", "order-2"]
    assert {each["stateMachineArn"] for each in client.started} == {MACHINE}
    assert json.loads(client.started[0]["input"])["order"] == json.loads(order_event("order-1").to_json())
    assert bus.published == []


def test_all_else_goes_to_the_bus() -> None:
    client, bus = FakeStepFunctions(), FakePublisher()
    event = order_event().model_copy()

    publisher(client, bus).publish(EventType.CART_CHECKED_OUT, [event])

    assert bus.types() == ["CartCheckedOut"]
    assert client.started == []


def test_saga_that_cannot_start_leaves_the_order_in_the_outbox() -> None:
    client = FakeStepFunctions("order-1", code="ThrottlingException")

    with pytest.raises(ClientError, match="Throttling"):
        publisher(client).publish(EventType.ORDER_PLACED, [order_event("order-1")])


@pytest.mark.parametrize("order_id", ["with space", "a:b", "ü", "x" * 81])
def test_id_that_is_no_name_gets_one_that_follows_from_it(order_id: str) -> None:
    assert name_of(order_id) == name_of(order_id) != name_of("another one")
    assert len(name_of(order_id)) == 36


@pytest.mark.parametrize("order_id", ["6f1d3c1e-5f0a-4c8e-9a53-0d9e2b7c4f10", "x" * 64])
def test_id_is_the_name(order_id: str) -> None:
    assert name_of(order_id) == order_id
