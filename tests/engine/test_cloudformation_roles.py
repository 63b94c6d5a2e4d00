"""A role that is updated stays the same role, with what the template has now and without what it had."""

from types import SimpleNamespace
from typing import Any

from loadstack_engine.cloudformation import roles

TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
ROLE = {"RoleName": "shop-orders", "AssumeRolePolicyDocument": TRUST}


class MissingError(Exception):
    pass


class Iam:
    """Notes every call, but for the trust policy, which is always put. Policies called ``missing`` are not there."""

    exceptions = SimpleNamespace(NoSuchEntityException=MissingError)

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(*, RoleName: str, **arguments: Any) -> None:
            assert RoleName == "shop-orders"
            if "missing" in arguments.values():
                raise MissingError
            if operation != "update_assume_role_policy":
                self.calls.append((operation, arguments))

        return call


def _updated(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    iam = Iam()
    request = SimpleNamespace(aws_client_factory=SimpleNamespace(iam=iam), previous_state={**ROLE, **before})
    roles.update(request, {**ROLE, **after})
    return iam.calls


def _policy(name: str) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": {"Statement": []}}


def test_policies_are_put_and_those_that_are_gone_deleted() -> None:
    assert _updated({"Policies": [_policy("old"), _policy("kept")]}, {"Policies": [_policy("kept")]}) == [
        ("delete_role_policy", {"PolicyName": "old"}),
        ("put_role_policy", {"PolicyName": "kept", "PolicyDocument": '{"Statement": []}'}),
    ]


def test_managed_policies_are_attached_and_detached() -> None:
    assert _updated({"ManagedPolicyArns": ["a", "b"]}, {"ManagedPolicyArns": ["b", "c"]}) == [
        ("detach_role_policy", {"PolicyArn": "a"}),
        ("attach_role_policy", {"PolicyArn": "c"}),
    ]


def test_what_an_update_that_failed_did_not_come_to_is_no_hindrance() -> None:
    asked = {"Policies": [_policy("missing"), _policy("put")], "ManagedPolicyArns": ["missing", "attached"]}
    assert _updated(asked, {}) == [
        ("delete_role_policy", {"PolicyName": "put"}),
        ("detach_role_policy", {"PolicyArn": "attached"}),
    ]


def test_words_are_sent_only_where_they_change() -> None:
    assert _updated({"Description": "x"}, {"Description": "x"}) == []
    assert _updated({"Description": "x"}, {"MaxSessionDuration": 7200}) == [
        ("update_role", {"Description": "", "MaxSessionDuration": 7200})
    ]
    assert _updated({"MaxSessionDuration": 7200}, {}) == [("update_role", {"MaxSessionDuration": 3600})]


def test_tags_and_the_boundary_come_and_go() -> None:
    tagged = {"Tags": [{"Key": "team", "Value": "shop"}], "PermissionsBoundary": "arn"}
    assert _updated({}, tagged) == [
        ("put_role_permissions_boundary", {"PermissionsBoundary": "arn"}),
        ("tag_role", {"Tags": tagged["Tags"]}),
    ]
    assert _updated(tagged, {}) == [("delete_role_permissions_boundary", {}), ("untag_role", {"TagKeys": ["team"]})]
