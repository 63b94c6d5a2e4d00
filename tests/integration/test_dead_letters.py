"""Where what fails for good ends up."""

import json

import pytest
from rich.console import Console

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.resources import Function, Queue, Rule, Subscription
from bootstrap.shop import SHOP
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
