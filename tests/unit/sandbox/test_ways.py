"""Which way a stack was made, and what is refused before anything is changed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.references import Place
from bootstrap.shop_gateway import StripeGateway
from bootstrap.shop_sizes import AS_DECLARED, Sizes
from bootstrap.ways import Way
from sandbox import preflight, ways
from sandbox.errors import UsageError

TOPIC = "arn:aws:sns:us-east-1:000000000000:order-events"
NO_STACK = ClientError({"Error": {"Code": "ValidationError", "Message": "Stack with id shop does not exist"}}, "D")


class Account:
    """An endpoint's clients: it has these buckets, topics, CloudFormation's stack in this state, and of the saga so
    many executions and dead letters.
    """

    place = Place()
    endpoint = "http://localhost"

    def __init__(
        self,
        buckets: tuple[str, ...] = (),
        topics: tuple[str, ...] = (),
        status: str | None = None,
        error: Exception | None = None,
        sagas: int = 0,
        letters: int = 0,
    ) -> None:
        self.buckets, self.topics, self.status, self.error = buckets, topics, status, error
        self.sagas, self.letters = sagas, letters
        self.s3 = self.sns = self.cloudformation = self.stepfunctions = self.sqs = self

    def get_paginator(self, operation: str) -> Any:
        if self.error:
            raise self.error
        self.operation = operation
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        listed = {
            "list_buckets": {"Buckets": [{"Name": each} for each in self.buckets]},
            "list_topics": {"Topics": [{"TopicArn": each} for each in self.topics]},
        }
        return [listed[self.operation]]

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise NO_STACK
        return {"Stacks": [{"StackId": "x", "StackName": "shop", "StackStatus": self.status}]}

    def list_executions(self, *, statusFilter: str, **_: Any) -> dict[str, Any]:
        assert statusFilter == "RUNNING"
        return {"executions": [{}] * self.sagas}

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> dict[str, Any]:
        assert QueueUrl == "order-saga-dlq"
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.letters)}}


@pytest.mark.parametrize(
    ("account", "way"),
    [
        (Account(), None),
        (Account(topics=(TOPIC,)), Way.API),
        (Account((ways.BUCKET,), (TOPIC,), "CREATE_COMPLETE"), Way.TEMPLATE),
        (Account((ways.BUCKET,), (), "UPDATE_IN_PROGRESS"), Way.TEMPLATE),
        (Account((ways.BUCKET,), (TOPIC,)), Way.API),
        (Account((ways.BUCKET,)), None),
    ],
    ids=["nothing", "by api", "by template", "changing", "template of before", "template that failed"],
)
def test_a_stack_tells_how_it_was_made(account: Account, way: Way | None) -> None:
    assert ways.of(account) is way


def test_cloudformation_is_not_asked_where_it_made_nothing() -> None:
    account = Account(topics=(TOPIC,))
    del account.cloudformation
    assert ways.of(account) is Way.API


def test_an_endpoint_that_does_not_answer_is_told() -> None:
    with pytest.raises(DeployError, match="Is the sandbox running"):
        ways.of(Account(error=EndpointConnectionError(endpoint_url="http://x")))


@pytest.mark.parametrize(
    ("asked", "there", "way"),
    [
        (None, None, Way.API),
        (None, Way.TEMPLATE, Way.TEMPLATE),
        (Way.TEMPLATE, None, Way.TEMPLATE),
        (Way.TEMPLATE, Way.TEMPLATE, Way.TEMPLATE),
        (Way.API, Way.API, Way.API),
    ],
)
def test_a_stack_keeps_its_way(asked: Way | None, there: Way | None, way: Way) -> None:
    assert ways.choose(asked, there) is way


@pytest.mark.parametrize("asked", Way)
def test_the_other_way_than_the_stack_was_made_is_refused(asked: Way) -> None:
    (other,) = set(Way) - {asked}
    with pytest.raises(UsageError, match=f"DEPLOY={other}.*make down, then make up DEPLOY={asked}"):
        ways.choose(asked, other)


@pytest.mark.parametrize(
    ("gateway", "sizes", "message"),
    [
        (StripeGateway("http://x"), AS_DECLARED, "PAYMENT_PROVIDER=stripe goes with DEPLOY=api"),
        (None, Sizes(memory_mb=512), "MEMORY and BATCH change a stack of DEPLOY=api"),
    ],
)
def test_what_the_template_does_not_say_is_refused(gateway: StripeGateway | None, sizes: Sizes, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ways.require_as_declared(Way.TEMPLATE, gateway, sizes)
    ways.require_as_declared(Way.API, gateway, sizes)


def test_the_saga_goes_only_when_it_has_nothing_left_to_do() -> None:
    ways.require_no_sagas(Account(), Flow.CHOREOGRAPHY)
    with pytest.raises(UsageError, match="orders are under way by it: wait for them"):
        ways.require_no_sagas(Account(sagas=1), Flow.CHOREOGRAPHY)
    with pytest.raises(UsageError, match="make redrive QUEUE=order-saga-dlq first"):
        ways.require_no_sagas(Account(letters=1), Flow.CHOREOGRAPHY)


@pytest.mark.parametrize("asked", ["sam", "Template", " api"])
def test_a_way_that_there_is_not_is_refused(asked: str) -> None:
    with pytest.raises(UsageError, match=f"DEPLOY={asked} is unknown: use DEPLOY=api or DEPLOY=template"):
        preflight.way({"DEPLOY": asked})


def test_a_way_that_is_not_asked_for_is_none() -> None:
    assert preflight.way({}) is None
    assert preflight.way({"DEPLOY": ""}) is None
    assert preflight.way({"DEPLOY": "template"}) is Way.TEMPLATE
