"""`make iam-check` on the shop: each call has a grant, and one grant less is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from sandbox.iam import command
from sandbox.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.both_flows]

ROLE, POLICY = "shop-orders", "permissions"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders"


@pytest.fixture
def without(aws: Any) -> Iterator[Any]:
    """``without(action, resource)`` takes the grant from the role of orders, until the test's end."""
    iam = aws("iam")
    before = iam.get_role_policy(RoleName=ROLE, PolicyName=POLICY)["PolicyDocument"]

    def take(action: str, resource: str) -> None:
        changed = json.loads(json.dumps(before))
        for statement in changed["Statement"]:
            if resource in statement["Resource"]:
                statement["Action"] = [each for each in statement["Action"] if each != action]
        changed["Statement"] = [each for each in changed["Statement"] if each["Action"]]
        assert changed != before
        iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(changed))

    yield take
    iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(before))


def check(stack: Target, **environment: str) -> tuple[int, str]:
    console = Console(width=300, highlight=False, soft_wrap=True, emoji=False)
    with console.capture() as capture:
        code = command.run(stack, environment, console)
    return code, capture.get()


def about(role: str, told: str) -> list[str]:
    return [line for line in told.splitlines() if line.startswith("No grant") and f"role {role}," in line]


def test_a_grant_that_is_taken_away_is_told_with_function_action_and_resource(
    stack: Target, customer: Any, product: Any, without: Any, tmp_path: Any
) -> None:
    order = customer.place((product(5), 1)).json()["orderId"]
    customer.order_at(order, "notified")
    _, before = check(stack)
    assert about(ROLE, before) == []

    without("dynamodb:PutItem", TABLE)
    code, told = check(stack, JSON=str(tmp_path / "iam.json"))

    assert code == 1
    [line] = about(ROLE, told)
    assert line.startswith(f"No grant  function orders: dynamodb:PutItem on {TABLE} (role {ROLE}, ")
    written = json.loads((tmp_path / "iam.json").read_text())
    found = [(each["caller"], each["action"], each["resource"]) for each in written["missing"] if each["role"] == ROLE]
    assert found == [("function orders", "dynamodb:PutItem", TABLE)]


def test_a_grant_that_nobody_needs_is_told(stack: Target, aws: Any) -> None:
    iam = aws("iam")
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "dynamodb:DeleteTable", "Resource": TABLE},
    }
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=json.dumps(document))
    try:
        _, told = check(stack)
    finally:
        iam.delete_role_policy(RoleName=ROLE, PolicyName="more")
    assert f"Never used  {ROLE}: dynamodb:DeleteTable on {TABLE}" in told
