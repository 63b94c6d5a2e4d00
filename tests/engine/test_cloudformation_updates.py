"""What an update of a stack sends, and keeps in mind, without an engine."""

import io
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

from loadstack_engine.cloudformation import apis, taken_out
from loadstack_engine.cloudformation.custom_resources import Answers, CustomResourceProvider
from loadstack_engine.cloudformation.models import changed_tags
from loadstack_engine.cloudformation.own import OWN

SUBSCRIPTION, QUEUE = "AWS::SNS::Subscription", "AWS::SQS::Queue"


def request(before: dict[str, Any], after: dict[str, Any], **clients: Any) -> Any:
    return SimpleNamespace(
        aws_client_factory=SimpleNamespace(**clients),
        previous_state=before,
        desired_state=after,
        custom_context={},
        stack_id="stack",
        request_token="token",
        resource_type="Custom::Thing",
        logical_resource_id="Thing",
    )


class Theirs:
    """LocalStack's provider of a type; its updates leave the model as it was where nothing is said."""

    SCHEMA: Mapping[str, Any] = {
        "properties": dict.fromkeys(("Id", "TopicArn", "FilterPolicy", "RedrivePolicy", "RawMessageDelivery")),
        "primaryIdentifier": ["/properties/Id"],
        "createOnlyProperties": ["/properties/TopicArn"],
    }

    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    def update(self, request: Any) -> Any:
        self.sent = request.desired_state
        return ProgressEvent(OperationStatus.SUCCESS, resource_model={**request.previous_state, **self.sent})


def test_what_a_template_has_no_more_is_sent_without_its_value_or_told() -> None:
    theirs = Theirs()
    before = {
        "Id": "1",
        "TopicArn": "arn",
        "FilterPolicy": {"a": ["b"]},
        "RedrivePolicy": {"deadLetterTargetArn": "arn"},
        "RawMessageDelivery": True,
        "Told": "by the provider alone",
    }
    event = taken_out.update(SUBSCRIPTION, theirs, request(before, {"RawMessageDelivery": True}))
    assert theirs.sent == {"RawMessageDelivery": True, "FilterPolicy": {}}
    assert event.message.startswith("Not updated (RedrivePolicy): ")
    assert event.resource_model == {name: value for name, value in before.items() if name != "FilterPolicy"}


@pytest.mark.parametrize(
    ("type_name", "after"),
    [
        (SUBSCRIPTION, {"FilterPolicy": {"a": ["c"]}, "RedrivePolicy": {}}),
        (QUEUE, {}),
    ],
    ids=["still there", "whole"],
)
def test_nothing_is_told_where_all_was_sent(type_name: str, after: dict[str, Any]) -> None:
    theirs = Theirs()
    event = taken_out.update(type_name, theirs, request({"Id": "1", "FilterPolicy": {"a": ["b"]}}, after))
    assert (theirs.sent, event.message) == (after, "")


def test_tags_come_change_and_go() -> None:
    before, after = ({"Tags": [{"Key": key, "Value": "v"} for key in keys]} for keys in ("ab", "bc"))
    assert changed_tags(after, before) == ({"c": "v"}, ["a"])
    assert changed_tags({"Tags": [{"Key": "a", "Value": "other"}]}, before) == ({"a": "other"}, ["b"])
    assert changed_tags({}, {}) == ({}, [])


class Policies:
    """IAM with one policy, which has five versions at most."""

    def __init__(self) -> None:
        self.versions = ["v1"]

    def list_policy_versions(self, *, PolicyArn: str) -> dict[str, Any]:
        default = self.versions[-1]
        return {"Versions": [{"VersionId": each, "IsDefaultVersion": each == default} for each in self.versions[::-1]]}

    def create_policy_version(self, **_: Any) -> None:
        assert len(self.versions) < 5, "LimitExceeded"
        self.versions.append(f"v{int(self.versions[-1][1:]) + 1}")

    def delete_policy_version(self, *, PolicyArn: str, VersionId: str) -> None:
        assert VersionId != self.versions[-1], "DeleteConflict"
        self.versions.remove(VersionId)


def test_a_policy_can_be_updated_as_often_as_one_likes() -> None:
    iam, policy = Policies(), {"Id": "arn", "PolicyDocument": {"Statement": []}}
    update = OWN["AWS::IAM::ManagedPolicy"].update
    assert update is not None
    for _ in range(12):
        update(request(policy, policy, iam=iam), policy)
    assert iam.versions == ["v9", "v10", "v11", "v12", "v13"]


class Gateway:
    """An API whose binary media types are those of the definition that is put; ``patched`` is what is sent then."""

    def __init__(self, *media: str) -> None:
        self.media = list(media)
        self.patched: list[tuple[str, str]] = []

    def put_rest_api(self, *, body: bytes, **_: Any) -> None:
        self.media = json.loads(body).get("x-amazon-apigateway-binary-media-types", [])

    def get_rest_api(self, **_: Any) -> dict[str, Any]:
        return {"binaryMediaTypes": self.media} if self.media else {}

    def update_rest_api(self, *, patchOperations: list[dict[str, str]], **_: Any) -> None:
        self.patched = [(each["op"], each["path"].rpartition("/")[2]) for each in patchOperations]

    def get_resources(self, **_: Any) -> dict[str, Any]:
        return {"items": [{"id": "root", "path": "/"}]}


@pytest.mark.parametrize(
    ("there", "model", "patched"),
    [
        (["image/png"], {"BinaryMediaTypes": ["image/png"], "Body": {"paths": {}}}, [("add", "image~1png")]),
        (["image/png"], {"Body": {"x-amazon-apigateway-binary-media-types": ["image/png"]}}, []),
        (["image/png"], {"BinaryMediaTypes": ["image/png"]}, []),
        (["image/png"], {"BinaryMediaTypes": ["a/b"]}, [("add", "a~1b"), ("remove", "image~1png")]),
    ],
    ids=["a definition without them", "a definition's own", "no definition", "others"],
)
def test_an_api_keeps_its_binary_media_types(
    there: list[str], model: dict[str, Any], patched: list[tuple[str, str]]
) -> None:
    gateway = Gateway(*there)
    before = {"BinaryMediaTypes": there}
    apis.update_api(request(before, model, apigateway=gateway), {"RestApiId": "shop", **model})
    assert gateway.patched == patched


class Function:
    """Of a custom resource; it answers at once, or fails."""

    def __init__(self, answers: Answers, *, fails: bool = False) -> None:
        self._answers = answers
        self._fails = fails
        self.asked: list[str] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        if not FunctionName:
            raise ValueError("no such function")
        event = json.loads(Payload)
        self.asked.append(event["RequestType"])
        if self._fails:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorType": "E", "errorMessage": "m"}')}
        answer = {"Status": "SUCCESS", "PhysicalResourceId": "new", "Data": {"Port": 5432, "On": False, "At": ["a"]}}
        assert self._answers.put(event["ResponseURL"].rpartition("/")[2], answer)
        return {"Payload": io.BytesIO(b"null")}


@pytest.fixture
def answers() -> Answers:
    return Answers()


def test_what_a_custom_resource_answers_is_text_and_none_of_it_stays(answers: Answers) -> None:
    function = Function(answers)
    before = {"PhysicalResourceId": "old", "LoadstackProperties": {"ServiceToken": "f"}}
    event = CustomResourceProvider(answers).update(request(before, {"ServiceToken": "f"}, lambda_=function))
    assert event.status is OperationStatus.SUCCESS
    assert event.resource_model is not None
    assert [event.resource_model[name] for name in ("Port", "On", "At")] == ["5432", "false", ["a"]]
    assert function.asked == ["Update", "Delete"], "it was replaced"
    assert answers._answers == {}


def test_nobody_waits_for_the_answer_of_a_function_that_failed_or_is_not_there(answers: Answers) -> None:
    provider = CustomResourceProvider(answers)
    event = provider.create(request({}, {"ServiceToken": "f"}, lambda_=Function(answers, fails=True)))
    assert event.message == "its function failed: E: m"
    with pytest.raises(ValueError, match="no such function"):
        provider.create(request({}, {}, lambda_=Function(answers)))
    assert answers._answers == {}
