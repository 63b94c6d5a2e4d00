"""The route of payments; it needs a token."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path

from common import aws
from common.errors import NotFoundError
from common.http import BEARER, Customer, resolver
from payments.domain import Entry
from payments.models import EntryView, LedgerView
from payments.store import DynamoLedger, DynamoOwners, Ledger, Owners

app = resolver()


@dataclass(frozen=True, slots=True)
class Books:
    """What the route reads."""

    ledger: Ledger
    owners: Owners


@cache
def books() -> Books:
    """Made once in an environment; tests override it."""
    return Books(
        ledger=DynamoLedger(aws.dynamodb(), os.environ["PAYMENTS_TABLE"]),
        owners=DynamoOwners(aws.dynamodb(), os.environ["ORDERS_TABLE"]),
    )


Service = Annotated[Books, Depends(books)]
OrderId = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/orders/<order_id>/payments", security=BEARER)
def list_payments(order_id: OrderId, customer: Customer, service: Service) -> LedgerView:
    """What was charged and refunded, in the order of time; nothing yet is an empty list. 404 as for the order."""
    if service.owners.of(order_id) != customer.user_id:
        raise NotFoundError("There is no such order.")
    moved = service.ledger.payment(order_id).moved
    return LedgerView(items=[EntryView.model_validate(_view(entry)) for entry in moved])


def _view(entry: Entry) -> dict[str, object]:
    return {"type": entry.kind.value, "amount_cents": entry.amount_cents, "at": entry.at}
