"""A step of the saga that is killed, times out or is throttled: the saga goes on, or takes back what it did."""

import io
import json
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.flows import Flow
from sandbox import dlq, flows, redrive
from sandbox.up import bring_up
from tests.waiting import until

pytestmark = [pytest.mark.saga, pytest.mark.timeout(300)]

SERVICES = ("inventory", "orders", "payments")
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:order-saga"
HAPPY = ("reserve", "note", "charge", "confirm", "sell")
PRICE = 999


@pytest.fixture
def ledger(aws):
    """What an order's payment came to, and how its reservation stands: all that may be left of it."""

    def read(order_id, moved):
        item = aws("dynamodb").get_item(
            TableName="reservations", Key={"orderId": {"S": order_id}}, ConsistentRead=True
        )["Item"]
        return moved(order_id), item["state"]["S"]

    return read


@pytest.fixture
def execution(aws):
    """How the saga of an order stands; it bears the order's id."""
    client = aws("stepfunctions")

    def read(order_id):
        return client.describe_execution(executionArn=f"{MACHINE.replace('stateMachine', 'execution')}:{order_id}")

    return read


@pytest.fixture
def failures(aws, execution):
    """The errors of the attempts of an order's saga so far."""

    def read(order_id):
        arn = execution(order_id)["executionArn"]
        pages = aws("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
        return [
            event["taskFailedEventDetails"]["error"]
            for page in pages
            for event in page["events"]
            if event["type"] == "TaskFailed"
        ]

    return read


@pytest.fixture
def dying(aws):
    """Functions that die as a plan says, while within."""
    functions, dynamodb = aws("lambda"), aws("dynamodb")

    def settled(name):
        until(lambda: functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful")

    @contextmanager
    def swapped(name, deaths):
        found = functions.get_function(FunctionName=name)
        settings = found["Configuration"]
        code = requests.get(found["Code"]["Location"], timeout=30).content
        environment = settings["Environment"]["Variables"]
        more = {"SERVICE_MODULE": f"{name}.handler", "DEATHS": json.dumps(deaths)}
        configure(name, "dying.handler", {**environment, **more}, _with_dying(code))
        try:
            yield
        finally:
            configure(name, settings["Handler"], environment, code)

    def configure(name, handler, environment, code):
        functions.update_function_code(FunctionName=name, ZipFile=code)
        settled(name)
        functions.update_function_configuration(
            FunctionName=name, Handler=handler, Environment={"Variables": environment}
        )
        settled(name)

    @contextmanager
    def die(deaths):
        dynamodb.create_table(
            TableName="deaths",
            KeySchema=[{"AttributeName": "orderId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "orderId", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        try:
            with swapped("inventory", deaths), swapped("orders", deaths), swapped("payments", deaths):
                yield
        finally:
            dynamodb.delete_table(TableName="deaths")

    return die


def _with_dying(code):
    archive = io.BytesIO(code)
    with zipfile.ZipFile(archive, "a") as file:
        file.write(Path(__file__).with_name("dying.py"), "dying.py")
    return archive.getvalue()


@pytest.fixture
def impatient(aws):
    """Each step is asked for twice, not for minutes: what fails, fails soon."""
    client = aws("stepfunctions")
    usual = client.describe_state_machine(stateMachineArn=MACHINE)["definition"]
    definition = json.loads(usual)
    for state in definition["States"].values():
        for retry in state.get("Retry", ()):
            retry |= {"IntervalSeconds": 1, "MaxAttempts": 1}
    client.update_state_machine(stateMachineArn=MACHINE, definition=json.dumps(definition))
    yield
    client.update_state_machine(stateMachineArn=MACHINE, definition=usual)


def test_step_that_is_killed_is_taken_again(dying, customer, product, stock, moved, ledger, execution, failures, mails):
    """Each step of an order that is confirmed and of one that is declined, before its work and after it."""
    paid = [(step, when) for step in HAPPY for when in ("before", "after")]
    declined = [(step, when) for step in ("release", "reject") for when in ("before", "after")]
    things = {product(5): case for case in [*paid, *declined]}

    with dying({thing: [step, when, 1] for thing, (step, when) in things.items()}):
        orders = {
            customer.place((thing, 2), token="tok_ok" if case in paid else "tok_declined").json()["orderId"]: thing
            for thing, case in things.items()
        }
        for order_id in orders:
            customer.order_at(order_id, "notified")
            until(lambda order_id=order_id: execution(order_id)["status"] == "SUCCEEDED")

    for order_id, thing in orders.items():
        order = customer.order(order_id)
        is_paid = things[thing] in paid
        # On a busy machine a step may also time out, which is taken again like any failure.
        died = [error for error in failures(order_id) if error != "Sandbox.Timedout"]
        assert (things[thing], died) == (things[thing], ["Runtime.ExitError"])
        assert order["status"] == ("CONFIRMED" if is_paid else "REJECTED"), things[thing]
        assert [entry["stage"] for entry in order["timeline"]] == (
            ["accepted", "stock-reserved", "payment-captured", "confirmed", "notified"]
            if is_paid
            else ["accepted", "stock-reserved", "rejected", "notified"]
        ), things[thing]
        left = ([("charge", 2 * PRICE)], "SOLD") if is_paid else ([], "RELEASED")
        assert (things[thing], ledger(order_id, moved), stock(thing)) == (things[thing], left, 3 if is_paid else 5)
    subjects = [mail["Subject"] for mail in mails(customer.email)]
    assert [sum(order_id in subject for subject in subjects) for order_id in orders] == [1] * len(orders)


def test_step_that_fails_for_good_is_taken_back(dying, impatient, customer, product, stock, moved, ledger, execution):
    """Nothing is charged or reserved at the end, unless the order turned out to be confirmed."""
    refunded = [("charge", 2 * PRICE), ("refund", 2 * PRICE)]
    left = {
        ("reserve", "before"): ("OUT_OF_STOCK", []),
        ("reserve", "after"): ("OUT_OF_STOCK", []),
        ("note", "before"): ("PAYMENT_DECLINED", []),
        ("note", "after"): ("PAYMENT_DECLINED", []),
        ("charge", "before"): ("PAYMENT_DECLINED", []),
        ("charge", "after"): ("PAYMENT_DECLINED", refunded),
        ("confirm", "before"): ("PAYMENT_DECLINED", refunded),
        ("confirm", "after"): (None, [("charge", 2 * PRICE)]),
    }
    things = {product(5): case for case in left}

    with dying({thing: [*case, 0] for thing, case in things.items()}):
        orders = {customer.place((thing, 2)).json()["orderId"]: thing for thing in things}
        for order_id in orders:
            until(lambda order_id=order_id: execution(order_id)["status"] == "SUCCEEDED")

    for order_id, thing in orders.items():
        case = things[thing]
        reason, entries = left[case]
        order = customer.order_at(order_id, "notified")
        assert (case, order["status"], order["reason"]) == (case, "CONFIRMED" if reason is None else "REJECTED", reason)
        state, there = ("SOLD", 3) if reason is None else ("RELEASED", 5)
        assert (case, ledger(order_id, moved), stock(thing)) == (case, (entries, state), there)


def test_saga_that_cannot_end_is_a_dead_letter_and_ends_after_a_repair(
    dying, impatient, stack, customer, product, stock, moved, ledger, execution, depth
):
    charged = ("CONFIRMED", [("charge", 2 * PRICE)], "SOLD", 3)
    declined = ("REJECTED", [], "RELEASED", 5)
    ends = {
        "sell": ("tok_ok", charged),
        "note+refund": ("tok_ok", charged),
        "charge+reject": ("tok_ok", charged),
        "release": ("tok_declined", declined),
        "reject": ("tok_declined", declined),
    }
    things = {product(5): steps for steps in ends}

    with dying({thing: [steps, "before", 0] for thing, steps in things.items()}):
        orders = {
            customer.place((thing, 2), token=ends[steps][0]).json()["orderId"]: thing for thing, steps in things.items()
        }
        for order_id in orders:
            until(lambda order_id=order_id: execution(order_id)["status"] == "FAILED")
    until(lambda: depth("order-saga-dlq") == len(orders))

    assert redrive.run(stack, "order-saga-dlq", Console(quiet=True)) == 0

    for order_id, thing in orders.items():
        status, *left = ends[things[thing]][1]
        assert (things[thing], customer.order_once(order_id)["status"]) == (things[thing], status)
        until(lambda order_id=order_id: ledger(order_id, moved)[1] in ("SOLD", "RELEASED"))
        assert (things[thing], *ledger(order_id, moved), stock(thing)) == (things[thing], *left)
    assert depth("order-saga-dlq") == 0


def test_step_that_is_throttled_or_times_out_is_asked_for_again(aws, customer, product, stock, charges, failures):
    functions, thing = aws("lambda"), product(5)
    functions.update_function_configuration(FunctionName="payments", Timeout=1)
    functions.put_function_concurrency(FunctionName="inventory", ReservedConcurrentExecutions=0)
    try:
        order_id = customer.place((thing, 1), token="tok_slow").json()["orderId"]
        until(lambda: "Lambda.TooManyRequestsException" in failures(order_id))
        functions.delete_function_concurrency(FunctionName="inventory")
        until(lambda: "Sandbox.Timedout" in failures(order_id))
    finally:
        functions.delete_function_concurrency(FunctionName="inventory")
        functions.update_function_configuration(FunctionName="payments", Timeout=10)

    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    assert (charges(order_id), stock(thing)) == ([PRICE], 4)


def test_execution_that_is_stopped_is_told_and_redriven(
    aws, stack, customer, product, stock, moved, ledger, execution, depth
):
    functions, thing = aws("lambda"), product(5)
    functions.put_function_concurrency(FunctionName="payments", ReservedConcurrentExecutions=0)
    try:
        order_id = customer.place((thing, 2)).json()["orderId"]
        customer.order_at(order_id, "stock-reserved")
        arn = execution(order_id)["executionArn"]
        aws("stepfunctions").stop_execution(executionArn=arn, error="Stopped", cause="by hand")
        until(lambda: depth("order-saga-dlq") == 1)
    finally:
        functions.delete_function_concurrency(FunctionName="payments")
    told = Console(record=True, width=250, file=io.StringIO())
    assert dlq.run(stack, "order-saga-dlq", told) == 0
    text = told.export_text()
    assert f"order {order_id}" in text
    assert "ABORTED: Stopped: by hand" in text
    assert customer.order(order_id)["status"] == "PENDING"
    assert (ledger(order_id, moved), stock(thing)) == (([], "RESERVED"), 3)

    assert redrive.run(stack, "order-saga-dlq", Console(quiet=True)) == 0

    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    until(lambda: ledger(order_id, moved) == ([("charge", 2 * PRICE)], "SOLD"))
    assert (stock(thing), depth("order-saga-dlq")) == (3, 0)


def test_orders_under_way_end_as_they_began_when_the_flow_is_changed(stack, aws, customer, product, charges, execution):
    console, thing = Console(quiet=True), product(9)

    def placed():
        order_id = customer.place((thing, 1), token="tok_slow").json()["orderId"]
        customer.order_at(order_id, "stock-reserved")
        return order_id

    by_saga = placed()
    bring_up(stack, console, Flow.CHOREOGRAPHY)
    try:
        by_choreography = placed()
    finally:
        bring_up(stack, console, Flow.SAGA)
    again = placed()

    for order_id in (by_saga, by_choreography, again):
        assert customer.order_once(order_id)["status"] == "CONFIRMED"
        assert charges(order_id) == [PRICE]
    assert {execution(order_id)["name"] for order_id in (by_saga, again)} == {by_saga, again}
    with pytest.raises(aws("stepfunctions").exceptions.ExecutionDoesNotExist):
        execution(by_choreography)
    assert not bring_up(stack, console)
    assert flows.of(Clients(stack.endpoint)) is Flow.SAGA
