"""The routes of payments: what was charged, for who has a token, and what the gateway tells, which is signed."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Header, Path

from common import aws
from common.errors import NotFoundError, UnavailableError
from common.events import EventPublisher
from common.http import BEARER, Customer, raises, resolver
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.domain import Entry, ProviderUnavailableError
from payments.gateway import GatewayProvider
from payments.models import EntryView, LedgerView, Taken
from payments.signature import BadSignatureError
from payments.store import DynamoLedger, DynamoOwners, GatewayLedger, Owners
from payments.stored_orders import DynamoStoredOrders
from payments.webhooks import Webhook
from payments.wiring import chosen, webhook_secret

app = resolver()


@dataclass(frozen=True, slots=True)
class Books:
    """What the route reads."""

    ledger: GatewayLedger
    owners: Owners


@cache
def books() -> Books:
    """Made once in an environment; tests override it."""
    return Books(
        ledger=DynamoLedger(aws.dynamodb(), os.environ["PAYMENTS_TABLE"]),
        owners=DynamoOwners(aws.dynamodb(), os.environ["ORDERS_TABLE"]),
    )


@cache
def webhook() -> Webhook | None:
    """What hears the gateway; None where there is none. Made once in an environment; tests override it."""
    provider = chosen(books().ledger)
    if not isinstance(provider, GatewayProvider):
        return None
    publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.payments")
    orders = DynamoStoredOrders(aws.dynamodb(), os.environ["ORDERS_TABLE"])
    return Webhook(webhook_secret, provider, orders, PaymentReactions(Charging(provider), publisher))


Hearing = Annotated[Webhook | None, Depends(webhook)]
Signature = Annotated[str, Header(alias="Stripe-Signature", max_length=2048)]
Service = Annotated[Books, Depends(books)]
OrderId = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/orders/<order_id>/payments", security=BEARER)
def list_payments(order_id: OrderId, customer: Customer, service: Service) -> LedgerView:
    """What was charged and refunded, in the order of time; nothing yet is an empty list. 404 as for the order."""
    if service.owners.of(order_id) != customer.user_id:
        raise NotFoundError("There is no such order.")
    moved = service.ledger.payment(order_id).moved
    return LedgerView(items=[EntryView.model_validate(_view(entry)) for entry in moved])


@app.post("/payments/webhooks/stripe", responses=raises(BadSignatureError, NotFoundError))
def receive_webhook(stripe_signature: Signature, hearing: Hearing) -> Taken:
    """What Stripe tells of an order's payment intent. The body is Stripe's event, signed in `Stripe-Signature`.

    404 where no gateway is used, 503 while it does not answer: Stripe tells again.
    """
    if hearing is None:
        raise NotFoundError("No payment gateway is used here.")
    try:
        hearing.receive(stripe_signature, app.current_event.decoded_body or "")
    except ProviderUnavailableError as error:
        raise UnavailableError("The payment gateway does not answer: try again.") from error
    return Taken()


def _view(entry: Entry) -> dict[str, object]:
    return {"type": entry.kind.value, "amount_cents": entry.amount_cents, "at": entry.at}
