"""A service that is away for a while: its messages wait for it."""

import time
from contextlib import contextmanager

import pytest

from bootstrap.flows import Flow
from tests.waiting import until

pytestmark = pytest.mark.both_flows

OUTAGE_S = 60
ORDERS = 40


@pytest.fixture
def stopped(flow, aws):
    """Services take no messages while within, nor does payments take steps of a saga."""
    client = aws("lambda")

    def switch(name, enabled):
        if flow is Flow.SAGA and name == "payments":
            throttle(name, not enabled)
        (mapping,) = [
            each
            for each in client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
            if each["EventSourceArn"].endswith(f":{name}")
        ]
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        until(lambda: client.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted)

    def throttle(name, throttled):
        if throttled:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        else:
            client.delete_function_concurrency(FunctionName=name)

    @contextmanager
    def stop(*names):
        for name in names:
            switch(name, False)
        try:
            yield
        finally:
            for name in names:
                switch(name, True)

    return stop


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_services_that_stood_still_for_a_minute_catch_up(stopped, customer, product, stock, charges, mails, depth):
    plenty, none = product(1000), product(0)
    with stopped("payments", "notifications"):
        began = time.monotonic()
        wanted = [customer.place((plenty, 1)).json()["orderId"] for _ in range(ORDERS)]
        unlucky = [customer.place((none, 1)).json()["orderId"] for _ in range(ORDERS)]
        rejected = [customer.order_once(order_id)["status"] for order_id in unlucky]
        until(lambda: time.monotonic() - began > OUTAGE_S, timeout_s=OUTAGE_S + 10)
        assert {customer.order(order_id)["status"] for order_id in wanted} == {"PENDING"}
        assert not [mail for mail in mails(customer.email) if any(each in mail["Subject"] for each in unlucky)]

    orders = [customer.order_at(order_id, "notified") for order_id in [*wanted, *unlucky]]

    assert rejected == ["REJECTED"] * ORDERS
    assert [order["status"] for order in orders] == ["CONFIRMED"] * ORDERS + ["REJECTED"] * ORDERS
    assert [charges(order_id) for order_id in wanted] == [[999]] * ORDERS
    assert stock(plenty) == 1000 - ORDERS
    subjects = [mail["Subject"] for mail in mails(customer.email)]
    assert [sum(order_id in subject for subject in subjects) for order_id in [*wanted, *unlucky]] == [1] * 2 * ORDERS
    assert [queue for queue in ("payments-dlq", "notifications-dlq") if depth(queue)] == []
