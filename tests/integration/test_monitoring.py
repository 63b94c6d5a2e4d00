"""What watches the shop: alarms, the dashboard, the functions' own metrics, and the trace of an order."""

import io
import json
import time
import uuid

import pytest
from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.shop_monitoring import ALARMS, DASHBOARD
from sandbox import status
from sandbox.trace import command
from sandbox.trace.journey import journey
from sandbox.trace.lines import Logs
from tests.integration.conftest import figures
from tests.waiting import until

FIRES_WITHIN_S = 15.0
DEAD_LETTERS = "inventory-dlq-dead-letters"
DOORS = {
    "direct": ("/orders", "orderId"),
    "checkout": ("/cart/checkout", "orderId"),
    "queue": ("/async/orders", "messageId"),
}


@pytest.fixture
def pager(aws, stack):
    """What the topic of the alarms tells somebody who subscribes: `pager()` is the news since the last call."""
    sqs, sns = aws("sqs"), aws("sns")
    url = sqs.create_queue(QueueName=f"pager-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (topic,) = [
        each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith(f":{ALARMS.name}")
    ]
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]

    def news():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        return [(each["AlarmName"], each["NewStateValue"]) for each in (json.loads(one["Body"]) for one in found)]

    yield news
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def poisoned(aws, stack):
    """A message that no function can read, in a queue whose messages come again soon; gone in the end.

    The alarm is not raised before: it would not be raised anew. One that an earlier test left so ends with the minute
    after the queue was emptied.
    """
    sqs, cloudwatch = aws("sqs"), aws("cloudwatch")

    def alarm():
        (found,) = cloudwatch.describe_alarms(AlarmNames=[DEAD_LETTERS])["MetricAlarms"]
        return found["StateValue"]

    until(lambda: alarm() == "OK", timeout_s=180)
    url, dead = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("inventory", "inventory-dlq"))
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "2"})
    sqs.send_message(QueueUrl=url, MessageBody="not json")
    yield lambda: int(
        sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"]
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)
    sqs.purge_queue(QueueUrl=dead)


@pytest.fixture
def our_engine(stack):
    """Skips where another one runs, which has no metrics of the moment."""
    figures(stack.endpoint)


def test_alarm_on_a_dead_letter_reaches_its_topic_in_time(our_engine, stack, pager, poisoned):
    until(poisoned)
    lies_there = time.monotonic()
    heard = until(lambda: [each for each in pager() if each == (DEAD_LETTERS, "ALARM")])
    took = time.monotonic() - lies_there

    assert heard
    assert took < FIRES_WITHIN_S
    screen = io.StringIO()
    status.run(stack, Console(file=screen, width=200))
    (line,) = [each for each in screen.getvalue().splitlines() if each.startswith("Alarms")]
    assert "in ALARM: " in line
    assert DEAD_LETTERS in line


def test_dashboard_shows_metrics_that_exist(our_engine, aws, register, product):
    buyer, item = register(), product(5)
    confirmed = buyer.place((item, 1)).json()["orderId"]
    rejected = buyer.place((item, 100)).json()["orderId"]
    buyer.order_at(confirmed, "notified")
    buyer.order_once(rejected, "REJECTED")
    assert buyer.call("POST", f"/orders/{confirmed}/cancel").status_code == 202

    body = json.loads(aws("cloudwatch").get_dashboard(DashboardName=DASHBOARD)["DashboardBody"])
    graphs = [widget["properties"]["metrics"] for widget in body["widgets"] if widget["type"] == "metric"]
    wanted = {_metric(line) for metrics in graphs for line in metrics}
    assert any(namespace == "Shop" for namespace, _, _ in wanted)

    def missing():
        pages = aws("cloudwatch").get_paginator("list_metrics").paginate()
        return wanted - {_listed(metric) for page in pages for metric in page["Metrics"]}

    until(lambda: not missing() or None, timeout_s=90)


def _metric(line):
    """(namespace, name, dimensions) of a graph's line; the last element says how it is drawn."""
    namespace, name, *path, _ = line
    return namespace, name, tuple(sorted(zip(path[::2], path[1::2], strict=True)))


def _listed(metric):
    dimensions = sorted((each["Name"], each["Value"]) for each in metric["Dimensions"])
    return metric["Namespace"], metric["MetricName"], tuple(dimensions)


@pytest.mark.parametrize("door", DOORS)
def test_trace_tells_the_whole_journey(stack, register, product, door):
    path, name = DOORS[door]
    buyer, cid, item = register(), f"test-{uuid.uuid4().hex[:8]}", product(1)
    items = [{"productId": item, "quantity": 1}]
    buyer.call("PUT", f"/cart/items/{item}", {"quantity": 1})
    body = {"payment": {"method": "card", "token": "tok_ok"}} | ({} if door == "checkout" else {"items": items})
    order_id = buyer.call("POST", path, body, headers={"X-Correlation-Id": cid}).json()[name]

    logs = Logs(Clients(stack.endpoint).logs)

    def whole():
        """With the mail and the last word of it, and the REPORT of each: log groups are read one by one."""
        lines = logs.lines(order_id, None)
        told = {line.content["message"] for line in lines} | {line.content.get("event_type") for line in lines}
        if not {"mail is out", "OrderNotified"} <= told:
            return None
        invocations = logs.invocations(lines)
        ended = all(invocation.ended_at for invocation in invocations.values())
        return journey(order_id, lines, invocations) if ended else None

    found = until(whole)

    assert found.correlation_ids == (cid,)
    assert found.mailed_at
    hops = [hop for _, hop in found.hops]
    assert {hop.function for hop in hops} >= {"orders", "inventory", "payments", "notifications"}
    assert ("cart" in {hop.function for hop in hops}) is (door == "checkout")
    assert not [hop for hop in hops if hop.failure]
    for hop in hops:
        assert sum(hop.parts.values()) == pytest.approx(hop.ends_at - hop.begins_at)
    screen = io.StringIO()
    assert command.run(stack, order_id, Console(file=screen, width=200)) == 0
    assert "the mail was out after" in screen.getvalue()


def test_trace_of_an_order_whose_log_is_gone_says_so(aws, stack):
    order_id = str(uuid.uuid4())
    item = {"orderId": {"S": order_id}, "placedAt": {"S": "2026-11-21T10:15:30.123Z"}}
    aws("dynamodb").put_item(TableName="orders", Item=item)
    try:
        with pytest.raises(command.NoTraceError, match="logs of the order of 2026-11-21"):
            command.run(stack, order_id, Console(quiet=True))
    finally:
        aws("dynamodb").delete_item(TableName="orders", Key={"orderId": {"S": order_id}})


def test_trace_of_an_unknown_order_says_so(stack):
    with pytest.raises(command.UsageError, match="is unknown"):
        command.run(stack, str(uuid.uuid4()), Console(quiet=True))
