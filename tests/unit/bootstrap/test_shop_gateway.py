"""The payment gateway's part of the declaration against the code of payments."""

from types import SimpleNamespace
from typing import Any

import boto3

from bootstrap.references import Kind as RefKind
from bootstrap.references import Ref
from bootstrap.resources import Function, Role
from bootstrap.shop import SHOP
from bootstrap.shop_gateway import PAYMENTS, StripeGateway, with_gateway
from payments.domain import Entry, Kind, Opening
from payments.store import DynamoLedger

AT = "2026-11-21T10:15:31.000Z"


def test_all_that_the_ledger_does_is_granted() -> None:
    """At a gateway too, which does more than the simulated provider."""
    done: set[str] = set()
    nothing: Any = (SimpleNamespace(status_code=200), {"Items": [], "Attributes": {"attempts": {"N": "1"}}})

    def note(model: Any, **_: Any) -> Any:
        done.add(f"dynamodb:{model.name}")
        return nothing

    client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    client.meta.events.register("before-call.dynamodb", note)
    ledger = DynamoLedger(client, "payments")
    ledger.payment("o")
    ledger.enter("o", Entry(Kind.CHARGE, 2500, AT))
    ledger.count_attempt("o")
    ledger.open("o", Opening(2500, AT))
    public = {name for name in vars(DynamoLedger) if not name.startswith("_")}
    assert public == {"payment", "enter", "count_attempt", "open"}
    shop = with_gateway(SHOP, StripeGateway("http://127.0.0.1:8420"))
    payments = shop.find(PAYMENTS)
    assert isinstance(payments, Function)
    role = shop.find(payments.role)
    assert isinstance(role, Role)
    granted = {
        action
        for statement in role.statements
        if Ref(RefKind.TABLE, "payments").arn() in statement.resources
        for action in statement.actions
    }
    assert done == granted
