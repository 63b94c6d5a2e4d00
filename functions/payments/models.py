"""What the API of payments gives."""

from typing import Literal

from common.model import Model


class EntryView(Model):
    """Money that moved: from the customer (charge), or back."""

    type: Literal["charge", "refund"]
    amount_cents: int
    at: str


class LedgerView(Model):
    """`GET /orders/{orderId}/payments`; at most one charge and one refund, hence no pages."""

    items: list[EntryView]


class Taken(Model):
    """The answer to a webhook: it need not be sent again."""

    received: bool = True
