"""Where what fails for good ends up."""

import io
import json
from contextlib import contextmanager

import pytest
from rich.console import Console

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.resources import Function, Queue, Rule, Subscription
from bootstrap.shop import SHOP
from sandbox import dlq, redrive, status
from sandbox.dead_letters.homes import homes
from sandbox.errors import UsageError
from sandbox.up import bring_up
from tests.waiting import until

ACCOUNT = "us-east-1:000000000000"


@pytest.fixture
def queue_url(aws, stack):
    def find(name):
        return aws("sqs").get_queue_url(QueueName=name)["QueueUrl"]

    return find


@pytest.fixture
def no_retries(aws):
    """Asynchronous invocations of orders fail at the first attempt: Lambda waits a minute before the second."""
    aws("lambda").put_function_event_invoke_config(FunctionName="orders", MaximumRetryAttempts=0)
    yield
    aws("lambda").delete_function_event_invoke_config(FunctionName="orders")


@pytest.fixture
def quick(aws, queue_url):
    """Queues by name whose messages come again soon: a test would wait minutes for three receives.

    Not at once: a good message that a busy machine has not done with by then comes again, too.
    """
    changed = {}

    def quicken(name):
        url = queue_url(name)
        before = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "2"})
        changed[url] = before
        return url

    yield quicken
    for url, before in changed.items():
        aws("sqs").set_queue_attributes(QueueUrl=url, Attributes=before)


@pytest.fixture
def depth(aws, queue_url):
    """How many messages a queue holds."""

    def count(name):
        attributes = aws("sqs").get_queue_attributes(QueueUrl=queue_url(name), AttributeNames=["All"])["Attributes"]
        return sum(int(value) for key, value in attributes.items() if key.startswith("ApproximateNumberOf"))

    return count


@pytest.fixture
def empty(aws, queue_url):
    """No dead letters before, none after."""

    def purge():
        for name in homes(SHOP):
            aws("sqs").purge_queue(QueueUrl=queue_url(name))

    purge()
    yield
    purge()


@pytest.fixture
def changed(aws):
    """A function with another configuration, for a while."""
    lambda_ = aws("lambda")

    def update(function, configuration):
        lambda_.update_function_configuration(FunctionName=function, **configuration)
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})

    @contextmanager
    def change(function, **configuration):
        found = lambda_.get_function_configuration(FunctionName=function)
        before = {name: found[name] for name in configuration}
        if "Environment" in configuration:
            variables = before["Environment"]["Variables"] | configuration["Environment"]
            configuration["Environment"] = {"Variables": variables}
        update(function, configuration)
        try:
            yield
        finally:
            update(function, before)

    return change


@pytest.fixture
def make(stack):
    """Run a command; its exit code and what it printed."""

    def call(command, *arguments):
        console = Console(record=True, width=250, file=io.StringIO())
        exit_code = command.run(stack, *arguments, console)
        return exit_code, console.export_text()

    return call


@pytest.mark.choreography
def test_deployed_stack_names_the_dead_letter_queues(aws, stack):
    for rule in SHOP.of(Rule):
        answer = aws("events").list_targets_by_rule(Rule=rule.name, EventBusName=rule.bus_name)
        found = {target["Id"]: target["DeadLetterConfig"]["Arn"] for target in answer["Targets"]}
        assert found == {each.id: f"arn:aws:sqs:{ACCOUNT}:{each.dead_letters.name}" for each in rule.targets}
    by_endpoint = {each["Endpoint"]: each for each in aws("sns").list_subscriptions()["Subscriptions"]}
    for subscription in SHOP.of(Subscription):
        arn = by_endpoint[f"arn:aws:sqs:{ACCOUNT}:{subscription.queue.name}"]["SubscriptionArn"]
        attributes = aws("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        wanted = f"arn:aws:sqs:{ACCOUNT}:{subscription.dead_letters.name}"
        assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"] == wanted
    for function in SHOP.of(Function):
        found = aws("lambda").get_function_configuration(FunctionName=function.name).get("DeadLetterConfig")
        wanted = {"TargetArn": f"arn:aws:sqs:{ACCOUNT}:{function.dead_letters.name}"} if function.dead_letters else None
        assert (found or None) == wanted
    assert describe.queue_depths(Clients(stack.endpoint), SHOP).keys() == {queue.name for queue in SHOP.of(Queue)}


def test_second_deployment_leaves_dead_letter_queues_alone(stack):
    lines = Console(record=True, quiet=True)
    bring_up(stack, lines)
    assert "updated" not in lines.export_text()


def test_event_that_a_function_fails_on_lies_in_its_dead_letter_queue(aws, queue_url, no_retries):
    url = queue_url("orders-async-dlq")

    aws("lambda").invoke(FunctionName="orders", InvocationType="Event", Payload=json.dumps({"no": "such shape"}))

    def receive():
        answer = aws("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
        return answer.get("Messages")

    (message,) = until(receive)
    aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert json.loads(message["Body"]) == {"no": "such shape"}
    assert message["MessageAttributes"]["ErrorCode"]["StringValue"] == "200"
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"]


@pytest.mark.choreography
def test_nothing_there_is_said(make, empty):
    assert make(dlq, None) == (0, f"No dead letters in {len(homes(SHOP))} queues.\n")
    assert make(dlq, "payments") == (0, "No dead letters in payments-dlq.\n")
    assert make(redrive, "payments-dlq") == (0, "Nothing lies in payments-dlq.\n")


@pytest.mark.parametrize("command", [dlq, redrive])
def test_unknown_queue_names_those_that_there_are(make, command):
    with pytest.raises(UsageError, match=r"QUEUE=returns has no dead-letter queue; there are .*payments-dlq") as caught:
        make(command, "returns")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("body", "what", "reason"),
    [
        ("this is no JSON", "not JSON: this is no JSON", "ValidationError: 1 validation error for BusEnvelope"),
        (
            json.dumps(
                {
                    "detail-type": "StockReserved",
                    "detail": {"metadata": {"correlationId": "poison-1"}, "data": {"orderId": "o-1"}},
                }
            ),
            "StockReserved  order o-1  correlation poison-1",
            "detail.data.customerId Field required",
        ),
    ],
    ids=["not-json", "field-missing"],
)
def test_poison_ends_in_the_dead_letter_queue_with_its_reason_and_blocks_nobody(
    aws, make, empty, quick, queue_url, depth, customer, product, body, what, reason
):
    url = quick("payments")
    poison = aws("sqs").send_message(QueueUrl=url, MessageBody=body)["MessageId"]
    placed = customer.place((product(1), 1)).json()

    assert customer.order_once(placed["orderId"])["status"] == "CONFIRMED"
    until(lambda: depth("payments-dlq") == 1)
    exit_code, text = make(dlq, None)

    assert exit_code == 0
    assert "payments-dlq  1 message, failed in queue payments; make redrive QUEUE=payments-dlq sends back" in text
    (line,) = [line for line in text.splitlines() if poison in line]
    assert "old, received" in line
    assert line.endswith(what)
    assert reason in text
    assert poison in make(dlq, "payments")[1]
    assert "No dead letters in orders-dlq" in make(dlq, "orders")[1]
    assert "Dead letters: payments-dlq 1; make dlq tells why" in make(status)[1]
    (message,) = aws("sqs").receive_message(QueueUrl=queue_url("payments-dlq"), WaitTimeSeconds=0)["Messages"]
    assert message["Body"] == body  # it stayed, and can be received


@pytest.mark.choreography
def test_redrive_after_a_repair_completes_the_order(
    make, empty, quick, changed, depth, customer, product, charges, stock
):
    quick("payments")
    thing = product(5)
    with changed("payments", Environment={"PAYMENTS_TABLE": "no-such-table"}):
        orders = [customer.place((thing, 1)).json()["orderId"] for _ in range(2)]
        until(lambda: depth("payments-dlq") == 2)
    assert {customer.order(order_id)["status"] for order_id in orders} == {"PENDING"}
    text = make(dlq, "payments")[1]
    for order_id in orders:
        assert f"StockReserved  order {order_id}" in text
    assert "ResourceNotFoundException" in text

    assert make(redrive, "payments") == (0, "2 sent from payments-dlq to queue payments\n")

    for order_id in orders:
        assert customer.order_once(order_id)["status"] == "CONFIRMED"
        assert charges(order_id) == [999]
    assert stock(thing) == 3
    assert depth("payments-dlq") == 0


@pytest.mark.usefixtures("no_sweeps")
def test_event_that_a_function_failed_on_is_invoked_again(aws, make, empty, changed, depth, no_retries):
    sweep = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    with changed("orders", Environment={"ORDERS_TABLE": "no-such-table"}):
        aws("lambda").invoke(FunctionName="orders", InvocationType="Event", Payload=json.dumps(sweep))
        until(lambda: depth("orders-async-dlq") == 1)

    exit_code, text = make(dlq, "orders-async-dlq")

    assert exit_code == 0
    assert "Scheduled Event" in text
    assert "orders failed: 200: An error occurred (ResourceNotFoundException)" in text
    assert make(redrive, "orders-async-dlq") == (0, "1 sent from orders-async-dlq to function orders\n")
    assert depth("orders-async-dlq") == 0


def test_what_could_not_be_delivered_tells_so_and_goes_where_it_was_meant_to(
    aws, make, empty, queue_url, customer, product
):
    """As EventBridge and SNS leave it: the event with attributes, the bare message."""
    event = {"detail-type": "OrderPlaced", "source": "shop.orders", "detail": {"data": {"orderId": "o-9"}}}
    attributes = {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": "may not", "RULE_ARN": "arn", "TARGET_ARN": "arn"}
    aws("sqs").send_message(
        QueueUrl=queue_url("inventory-dlq"),
        MessageBody=json.dumps(event),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    )
    aws("sqs").send_message(
        QueueUrl=queue_url("notifications-dlq"), MessageBody=json.dumps({"stage": "accepted", "orderId": "o-8"})
    )

    text = make(dlq, None)[1]

    assert "EventBridge could not deliver it: NO_PERMISSIONS: may not" in text
    assert "announcement of accepted  order o-8" in text
    assert "SNS could not deliver it to the queue notifications" in text


@pytest.mark.choreography
def test_function_that_was_ended_is_named(make, empty, quick, changed, depth, customer, product):
    """A time-out leaves no line of the consumer's: what Lambda wrote is all there is."""
    quick("payments")
    with changed("payments", Timeout=1):
        placed = customer.place((product(1), 1), token="tok_slow").json()
        until(lambda: depth("payments-dlq") == 1)

    assert "payments logged no failure of it, and was ended since: " in (text := make(dlq, "payments")[1])
    assert "Task timed out after 1.00 seconds" in text
    assert make(redrive, "payments")[0] == 0
    assert customer.order_once(placed["orderId"])["status"] == "CONFIRMED"
