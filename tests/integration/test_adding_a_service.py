"""What docs/adding-a-service.md ends in: a new service in a running stack, beside those that were there."""

import subprocess

import pytest
from rich.console import Console

from sandbox.paths import HOME
from sandbox.up import bring_up
from tests.guide import GUIDE, ROOT, Checkout, copy_checkout, follow
from tests.waiting import until


@pytest.fixture
def checkout(tmp_path, stack, aws, by_our_deployers):
    """The copy in which the document was followed; afterwards the stack is as it was."""
    copy = copy_checkout(tmp_path)
    for command in follow((ROOT / GUIDE).read_text(), tmp_path):
        if not command.startswith("make "):
            subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    (tmp_path / ".loadstack").mkdir()
    for name in ("build", "uv", "runtime"):
        (tmp_path / ".loadstack" / name).symlink_to(HOME / name)
    yield copy
    _remove(aws)
    bring_up(stack, Console(quiet=True))


def _remove(aws) -> None:
    """All that `returns` has of its own."""
    functions = aws("lambda")
    for mapping in functions.list_event_source_mappings(FunctionName="returns")["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    functions.delete_function(FunctionName="returns")
    aws("events").remove_targets(Rule="returns", EventBusName="shop", Ids=["queue"])
    aws("events").delete_rule(Name="returns", EventBusName="shop")
    for queue in ("returns", "returns-dlq"):
        aws("sqs").delete_queue(QueueUrl=aws("sqs").get_queue_url(QueueName=queue)["QueueUrl"])
    aws("dynamodb").delete_table(TableName="returns")
    aws("logs").delete_log_group(logGroupName="/aws/lambda/returns")
    aws("iam").delete_role_policy(RoleName="shop-returns", PolicyName=_policy(aws))
    aws("iam").delete_role(RoleName="shop-returns")


def _policy(aws) -> str:
    (name,) = aws("iam").list_role_policies(RoleName="shop-returns")["PolicyNames"]
    return name


def _sandbox(checkout: Checkout, command: str, stack, **settings: str) -> str:
    return checkout.run("python", "-m", "sandbox", command, ENDPOINT=stack.endpoint, **settings).stdout


@pytest.mark.choreography  # it listens to PaymentCaptured, which no service publishes on the saga
def test_new_service_answers_beside_the_others(checkout, stack, customer, anonymous, product):
    _sandbox(checkout, "up", stack)

    product_id = product(5)
    order_id = customer.place((product_id, 1)).json()["orderId"]
    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    until(lambda: customer.call("GET", f"/returns/{order_id}").status_code == 200)
    answer = customer.call("POST", "/returns", {"orderId": order_id, "productId": product_id})
    assert answer.status_code == 201, answer.text
    listed = customer.call("GET", f"/returns/{order_id}").json()
    assert listed == {"orderId": order_id, "items": [answer.json()]}
    assert anonymous.call("GET", f"/returns/{order_id}").status_code == 401
    assert customer.call("POST", "/returns", {"orderId": "unknown", "productId": product_id}).status_code == 404

    assert "function returns: unchanged" in _sandbox(checkout, "deploy", stack, SERVICE="returns")
    assert "nothing to change" in _sandbox(checkout, "up", stack)
