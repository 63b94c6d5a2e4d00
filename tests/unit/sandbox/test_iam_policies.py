"""IAM's evaluation of a role's policies."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.iam.policies import Decision, Pattern, Role, statements_of

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"


def role(*statements: dict[str, Any]) -> Role:
    return Role("test", statements_of("permissions", {"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def matched(pattern: str, value: str) -> bool:
    """What ``*`` and ``?`` mean, one character after the other."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return matched(pattern[1:], value) or (bool(value) and matched(pattern, value[1:]))
    return bool(value) and pattern[0] in ("?", value[0]) and matched(pattern[1:], value[1:])


@given(st.text("ab*?.[/\n", max_size=6), st.text("ab.[/*\n", max_size=8))
def test_a_pattern_matches_what_its_wildcards_mean(pattern: str, value: str) -> None:
    assert Pattern((pattern,)).matches(value) is matched(pattern, value)
    assert Pattern((pattern,), negated=True).matches(value) is not matched(pattern, value)


def test_a_character_with_a_dollar_is_itself_and_a_variable_is_anything() -> None:
    assert Pattern(("a${*}b",)).matches("a*b")
    assert not Pattern(("a${*}b",)).matches("axb")
    assert Pattern(("home/${aws:username}/*",)).matches("home/me/x")


def test_actions_have_no_case_and_resources_have() -> None:
    granted = role(allow("DynamoDB:getitem", TABLE))
    assert granted.decide("dynamodb:GetItem", TABLE) is Decision.ALLOWED
    assert granted.decide("dynamodb:GetItem", TABLE.upper()) is Decision.NO_GRANT


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        ("dynamodb:GetItem", TABLE, Decision.ALLOWED),
        ("dynamodb:PutItem", TABLE, Decision.NO_GRANT),
        ("dynamodb:GetItem", f"{TABLE}-old", Decision.NO_GRANT),
        ("dynamodb:GetItem", f"{TABLE}/index/by", Decision.NO_GRANT),
        ("dynamodb:Query", f"{TABLE}/index/by", Decision.ALLOWED),
        ("dynamodb:ListTables", "*", Decision.NO_GRANT),
        ("dynamodb:GetItem", None, Decision.ALLOWED),
        ("sqs:SendMessage", None, Decision.NO_GRANT),
    ],
)
def test_a_call_is_allowed_by_its_action_and_its_resource(
    action: str, resource: str | None, decision: Decision
) -> None:
    granted = role(allow("dynamodb:GetItem", [TABLE]), allow(["dynamodb:Query"], f"{TABLE}/index/*"))
    assert granted.decide(action, resource) is decision


def test_what_is_denied_is_denied_whatever_allows_it() -> None:
    deny = {"Effect": "Deny", "Action": "dynamodb:Delete*", "Resource": "*"}
    granted = role(allow("dynamodb:*", "*"), deny)
    assert granted.decide("dynamodb:DeleteItem", TABLE) is Decision.DENIED
    assert granted.decide("dynamodb:GetItem", TABLE) is Decision.ALLOWED


def test_an_operation_without_a_resource_needs_any() -> None:
    assert role(allow("cloudwatch:PutMetricData", "*")).decide("cloudwatch:PutMetricData", "*") is Decision.ALLOWED


def test_all_but_some_actions_and_resources() -> None:
    granted = role({"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": [f"{TABLE}-secret"]})
    assert granted.decide("dynamodb:GetItem", TABLE) is Decision.ALLOWED
    assert granted.decide("iam:PassRole", TABLE) is Decision.NO_GRANT
    assert granted.decide("dynamodb:GetItem", f"{TABLE}-secret") is Decision.NO_GRANT
    assert [(str(each.action), str(each.resource)) for each in granted.grants()] == [
        ("all but iam:*", f"all but {TABLE}-secret")
    ]


def test_a_condition_allows_and_does_not_deny() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    granted = role(allow("dynamodb:GetItem", TABLE, Condition={"StringEquals": {"a": "b"}}), deny)
    assert granted.decide("dynamodb:GetItem", TABLE) is Decision.ALLOWED


def test_a_policy_may_have_one_statement_that_is_no_list() -> None:
    [statement] = statements_of("one", {"Statement": allow("a:B", "*")})
    assert statement.applies("a:b", "anything")


def test_grants_are_each_action_on_each_resource_once() -> None:
    granted = role(allow(["a:B", "a:C"], ["x", "y"]), allow("a:B", "x"))
    assert [(str(each.action), str(each.resource)) for each in granted.grants()] == [
        ("a:B", "x"),
        ("a:B", "y"),
        ("a:C", "x"),
        ("a:C", "y"),
    ]


def test_a_grant_of_two_policies_is_one_and_names_both() -> None:
    statements = [each for name in ("basic", "queue") for each in statements_of(name, {"Statement": allow("a:B", "*")})]
    assert [each.policy for each in Role("test", tuple(statements)).grants()] == ["basic, queue"]
