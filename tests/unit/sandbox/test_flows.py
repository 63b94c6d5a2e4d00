"""Which flow a stack has, by the tag of its topic."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.references import Place
from bootstrap.resources import Queue
from sandbox import flows
from sandbox.dead_letters.homes import homes
from sandbox.errors import UsageError


class Account:
    """An endpoint's clients; its topic has these tags, or asking for them fails. It has no functions."""

    place = Place()

    def __init__(self, tags: dict[str, str] | None = None, error: Exception | None = None) -> None:
        self._tags, self._error = tags or {}, error
        self.sns = self.lambda_ = self

    def list_tags_for_resource(self, ResourceArn: str) -> dict[str, Any]:
        assert ResourceArn == "arn:aws:sns:us-east-1:000000000000:order-events"
        if self._error:
            raise self._error
        return {"Tags": [{"Key": name, "Value": value} for name, value in self._tags.items()]}

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": FunctionName}}, "GetFunction")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListTagsForResource")


@pytest.mark.parametrize("flow", Flow)
def test_flow_is_the_tag_of_the_topic(flow: Flow) -> None:
    assert flows.of(Account({"team": "shop", "flow": flow.value})) is flow


@pytest.mark.parametrize(
    "account",
    [
        Account(),
        Account({"flow": "pipeline"}),
        Account(error=refusal("NotFound")),
        Account(error=refusal("ResourceNotFoundException")),
        Account(error=refusal("InvalidAction")),
    ],
    ids=["untagged", "tagged by others", "no topic", "no topic on ministack", "no tags"],
)
def test_stack_that_does_not_say_is_taken_for_the_usual_one(account: Account) -> None:
    assert flows.of(account) is None
    assert flows.stack_at(account) == flows.stack_of(Flow.CHOREOGRAPHY)


@pytest.mark.parametrize(
    "error", [refusal("InternalError"), EndpointConnectionError(endpoint_url="http://127.0.0.1:1")]
)
def test_endpoint_that_fails_is_not_taken_for_one_without_a_flow(error: Exception) -> None:
    with pytest.raises(DeployError, match="topic order-events"):
        flows.of(Account(error=error))


def test_command_on_a_stack_with_the_other_flow_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "Clients", lambda endpoint: Account({"flow": "saga"}))
    with pytest.raises(UsageError, match=r"^This stack runs with FLOW=saga: make up FLOW=choreography changes it"):
        flows.require("http://h", Flow.CHOREOGRAPHY)
    flows.require("http://h", Flow.SAGA)
    flows.require("http://h", None)


def test_dead_letters_of_the_saga_are_seen_after_the_switch() -> None:
    declared = flows.stack_of(Flow.CHOREOGRAPHY)
    assert "order-saga-dlq" not in homes(declared)
    assert flows.with_others_letters(declared, {"orders-dlq"}) == declared

    switched = flows.with_others_letters(declared, {"orders-dlq", "order-saga-dlq"})

    assert homes(switched) == homes(flows.stack_of(Flow.SAGA))
    assert "order-saga-dlq" in {queue.name for queue in switched.of(Queue)}
    saga = flows.stack_of(Flow.SAGA)
    assert flows.with_others_letters(saga, {"order-saga-dlq"}) == saga
