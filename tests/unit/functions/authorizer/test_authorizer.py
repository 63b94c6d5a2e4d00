"""The Lambda authorizer."""

from typing import Any

import pytest

from authorizer.domain import RefusedError
from authorizer.handler import handler
from common.auth import issue
from tests.unit.functions.factories import ALICE, SECRET, Context

METHOD = "arn:aws:execute-api:us-east-1:000000000000:shop/dev/GET/orders/a:b/c"


def ask(header: str | None) -> dict[str, Any]:
    """What API Gateway is answered about the value of the header Authorization."""
    event: dict[str, Any] = {"type": "TOKEN", "methodArn": METHOD, "authorizationToken": header}
    answer: dict[str, Any] = handler(event, Context())
    return answer


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_good_token_may_call_every_route_of_the_stage(scheme: str) -> None:
    answer = ask(f"{scheme} {issue(ALICE, SECRET)}")
    [statement] = answer["policyDocument"]["Statement"]
    assert statement == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": ["arn:aws:execute-api:us-east-1:000000000000:shop/dev/*/*"],
    }
    assert answer["principalId"] == "alice"
    assert answer["context"] == {"userId": "alice", "email": "alice@example.com", "role": "customer"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic eDp4"])
def test_anything_else_is_unauthorized_in_the_words_that_api_gateway_knows(header: str | None) -> None:
    with pytest.raises(RefusedError, match=r"^Unauthorized$"):
        ask(header)


def test_token_of_another_key_is_unauthorized() -> None:
    with pytest.raises(RefusedError, match=r"^Unauthorized$"):
        ask(f"Bearer {issue(ALICE, '6f' * 32)}")


def test_deleted_user_is_unauthorized(deleted: set[str]) -> None:
    deleted.add("alice")
    with pytest.raises(RefusedError, match=r"^Unauthorized$"):
        ask(f"Bearer {issue(ALICE, SECRET)}")


def test_failure_is_not_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else API Gateway would tell a customer to sign in again because a table was away."""

    def broken(_: str) -> None:
        raise ConnectionError("DynamoDB is away")

    monkeypatch.setattr("common.auth.authenticate", broken)
    with pytest.raises(ConnectionError):
        ask("Bearer x")
