"""What is bought, for how much, and how it is paid: the words that carts and orders share."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from pydantic import Field

from common.dynamodb import batch_get
from common.events import Line, Payment
from common.model import RequestModel, Text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_LINES = 100
MAX_QUANTITY = 10_000

ProductId = Annotated[Text, Field(min_length=1, max_length=64, examples=["product-001"])]
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
"""Strict: neither true nor 1.0 nor "1" is an integer."""


class PaymentRequest(RequestModel):
    """How to pay; the token says what the simulated provider does."""

    method: Annotated[Text, Field(min_length=1, max_length=32, examples=["card"])]
    token: Literal["tok_ok", "tok_declined", "tok_slow", "tok_flaky"]

    def payment(self) -> Payment:
        """The same for events."""
        return Payment(method=self.method, token=self.token)


class Prices(Protocol):
    """What selling needs of the catalogue."""

    def of(self, product_ids: Sequence[str]) -> Mapping[str, int]:
        """The price in cents of those products that exist; no id twice."""


class DynamoPrices:
    """`Prices` in the table `products`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def of(self, product_ids: Sequence[str]) -> Mapping[str, int]:
        """See `Prices`. Consistent: a product can be bought as soon as its 201 is out."""
        keys = [{"productId": product_id} for product_id in product_ids]
        found = batch_get(self._client, self._table, keys, ["productId", "priceCents"], consistent=True)
        return {item["productId"]: item["priceCents"] for item in found}


def total(lines: Sequence[Line]) -> int:
    """What all lines cost, in cents."""
    return sum(line.quantity * line.price_cents for line in lines)
