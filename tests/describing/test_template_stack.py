"""The template is true: what CloudFormation makes of it is what our own deployers make of the declaration.

Two engines one after the other, since a stack of the same names can be on an endpoint only once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bootstrap.flows import Flow
from bootstrap.ways import Way
from sandbox import order
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from sandbox.target import Target
from sandbox.up import bring_up
from tests.conftest import Aws, free_port
from tests.describing.allowed import ALLOWED
from tests.describing.comparing import but, differences, unused
from tests.describing.everything import everything
from tests.describing.reading import Described
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("template"), pytest.mark.timeout(600)]

_QUIET = Console(quiet=True)


@contextmanager
def _endpoint(folder: Path) -> Iterator[Target]:
    engine = HostEngine(folder, free_port(), DEVELOPMENT)
    engine.start()
    try:
        yield Target(engine.endpoint, None)
    finally:
        engine.stop()


def _made(target: Target, flow: Flow, way: Way) -> Described:
    bring_up(target, _QUIET, flow, way=way)
    return everything(Aws(target.endpoint))


def test_template_makes_the_stack_that_the_declaration_says(tmp_path: Path) -> None:
    """In both flows; the saga's by an update, to the flow that has all that the other has."""
    with _endpoint(tmp_path / "api") as target:
        wanted = [_made(target, flow, Way.API) for flow in (Flow.CHOREOGRAPHY, Flow.SAGA)]
    with _endpoint(tmp_path / "template") as target:
        choreography = _made(target, Flow.CHOREOGRAPHY, Way.TEMPLATE)
        assert order.place(target, _QUIET) == 0
        assert not bring_up(target, _QUIET, way=Way.TEMPLATE)
        found = _made(target, Flow.SAGA, Way.TEMPLATE)
        assert order.place(target, _QUIET, Flow.SAGA) == 0
        aws = Aws(target.endpoint)
        _change_something_everywhere(aws)
        changed = {each.path for each in differences(found, everything(aws))}
        until(lambda: not _sagas(aws))
        bring_up(target, _QUIET, Flow.CHOREOGRAPHY)
        assert aws("stepfunctions").list_state_machines()["stateMachines"] == []
    different = [each for pair in zip(wanted, (choreography, found), strict=True) for each in differences(*pair)]
    assert but(different, ALLOWED) == []
    assert unused(different, ALLOWED) == []
    assert changed == _CHANGED


def _sagas(aws: Aws) -> list[Any]:
    executions = aws("stepfunctions").list_executions(stateMachineArn=_SAGA, statusFilter="RUNNING")["executions"]
    found: list[Any] = executions
    return found


_SAGA = "arn:aws:states:us-east-1:000000000000:stateMachine:order-saga"
_CHANGED = {
    "dashboards/shop/widgets",
    "functions/orders/configuration/Timeout",
    "log groups//aws/lambda/orders/retentionInDays",
    "queues/payments/attributes/VisibilityTimeout",
    "rest apis/shop/gateway responses/THROTTLED/responseTemplates/application/json",
    "rest apis/shop/gateway responses/THROTTLED/statusCode",
    "roles/shop-orders/inline/more",
    "rules/default/cart-sweep/ScheduleExpression",
    "secrets/shop/jwt/tags/changed",
    "state machines/order-saga/tags/changed",
    "subscriptions/notifications to order-events/FilterPolicy/stage",
    "tables/carts/tags/changed",
    "topics/alarms/tags/changed",
    "buckets/shop-product-images/versioning/Status",
}


def _change_something_everywhere(aws: Aws) -> None:
    tags = [{"Key": "changed", "Value": "yes"}]
    arn = "arn:aws:{}:us-east-1:000000000000:{}"
    aws("cloudwatch").put_dashboard(DashboardName="shop", DashboardBody=json.dumps({"widgets": []}))
    aws("lambda").update_function_configuration(FunctionName="orders", Timeout=7)
    aws("lambda").get_waiter("function_updated_v2").wait(FunctionName="orders")
    aws("logs").put_retention_policy(logGroupName="/aws/lambda/orders", retentionInDays=3)
    queue = aws("sqs").get_queue_url(QueueName="payments")["QueueUrl"]
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "61"})
    aws("apigateway").put_gateway_response(restApiId="shop", responseType="THROTTLED", statusCode="420")
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam").put_role_policy(RoleName="shop-orders", PolicyName="more", PolicyDocument=document)
    aws("events").put_rule(Name="cart-sweep", ScheduleExpression="rate(2 minutes)")
    aws("secretsmanager").tag_resource(SecretId="shop/jwt", Tags=tags)
    aws("stepfunctions").tag_resource(resourceArn=_SAGA, tags=[{"key": "changed", "value": "yes"}])
    (subscription,) = aws("sns").list_subscriptions_by_topic(TopicArn=arn.format("sns", "order-events"))[
        "Subscriptions"
    ]
    aws("sns").set_subscription_attributes(
        SubscriptionArn=subscription["SubscriptionArn"], AttributeName="FilterPolicy", AttributeValue='{"stage": ["x"]}'
    )
    aws("sns").tag_resource(ResourceArn=arn.format("sns", "alarms"), Tags=tags)
    aws("dynamodb").tag_resource(ResourceArn=arn.format("dynamodb", "table/carts"), Tags=tags)
    versioning = {"Status": "Enabled"}
    aws("s3").put_bucket_versioning(Bucket="shop-product-images", VersioningConfiguration=versioning)
