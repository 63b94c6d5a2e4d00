"""`POST /payments/webhooks/stripe`: the gateway tells that an order's intent has changed.

What it tells is not believed: it is a reason to look. The intent is asked for at the gateway, and what became of it
goes into the ledger and, for an order that still waits, onto the bus. So it does not matter which of them come, how
often, or in which order. What our own requests have changed is told here too, and finds everything done.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any, Protocol

from common.events import OrderEvent
from common.log import logger
from payments import signature
from payments.consumer import PaymentReactions
from payments.domain import Payment

_TOLD = frozenset(
    {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    }
)


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order as its owner keeps it: the event that is published about it, and whether it still waits for payment."""

    event: OrderEvent
    is_pending: bool


class StoredOrders(Protocol):
    """Where the orders are."""

    def get(self, order_id: str) -> StoredOrder | None:
        """None when there is no such order."""


class Settling(Protocol):
    """What a gateway's provider can besides."""

    def settle(self, order_id: str, intent_id: str) -> Payment:
        """Note what has become of the order's intent meanwhile."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """What is done with what the gateway tells; `secret` is the webhook's own, None where none is kept."""

    secret: Callable[[], str | None]
    provider: Settling
    orders: StoredOrders
    reactions: PaymentReactions
    clock: Callable[[], float] = time

    def receive(self, header: str, body: str) -> None:
        """Check the signature, and follow what happened to an order's intent; all else is taken and left.

        Raises:
            BadSignatureError: it is not the gateway that says so, or it is an old request; or there is no secret by
                which to tell.
            ProviderUnavailableError: the gateway did not answer; it tells again when this fails.
        """
        signed = signature.parse(header)
        secret = self.secret()
        if secret is None:
            raise signature.BadSignatureError("No webhook is taken without a secret: give STRIPE_WEBHOOK_SECRET.")
        signature.check(signed, body.encode(errors="surrogatepass"), secret, self.clock())
        told = _told(body)
        if told is None:
            return
        order_id, intent_id = told
        logger.append_keys(order_id=order_id)
        order = self.orders.get(order_id)
        if order is None:
            logger.warning("the gateway told of an order that is not here")
            return
        logger.append_keys(correlation_id=order.event.metadata.correlation_id)
        payment = self.provider.settle(order_id, intent_id)
        logger.info("the gateway told", state=payment.status and payment.status.value, pending=order.is_pending)
        self.reactions.settled(order.event, payment, is_pending=order.is_pending)


def _told(body: str) -> tuple[str, str] | None:
    """The order and the intent that it is about; None where it is about nothing of ours."""
    try:
        event: Any = json.loads(body)
        about = event["data"]["object"]
        order_id, intent_id = about["metadata"]["order_id"], about["id"]
    except (ValueError, LookupError, TypeError):
        return None
    is_ours = event.get("type") in _TOLD and isinstance(order_id, str) and isinstance(intent_id, str)
    return (order_id, intent_id) if is_ours and 0 < len(order_id) <= 64 else None
