"""What the API of orders takes and gives."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from common.events import TimelineEntry
from common.model import Model, RequestModel, Text

MAX_LINES = 100


class LineRequest(RequestModel):
    """One line; `quantity` is strict: neither true nor 1.0 nor "1" is an integer."""

    product_id: Annotated[Text, Field(min_length=1, max_length=64)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=10_000)]


class PaymentRequest(RequestModel):
    """How to pay; the token says what the simulated provider does."""

    method: Annotated[Text, Field(min_length=1, max_length=32)]
    token: Literal["tok_ok", "tok_declined", "tok_slow", "tok_flaky"]


def _different_products(lines: list[LineRequest]) -> list[LineRequest]:
    first: dict[str, int] = {}
    for index, line in enumerate(lines):
        if (earlier := first.setdefault(line.product_id, index)) != index:
            raise PydanticCustomError("duplicate", f"line {index} repeats the product of line {earlier}")
    return lines


class OrderRequest(RequestModel):
    """`POST /orders`."""

    items: Annotated[list[LineRequest], Field(min_length=1, max_length=MAX_LINES), AfterValidator(_different_products)]
    payment: PaymentRequest


class Accepted(Model):
    """The order is stored and will reach a final status."""

    order_id: str
    status: Literal["PENDING"] = "PENDING"
    total_cents: int


class LineView(Model):
    """One line as it was ordered."""

    product_id: str
    quantity: int
    price_cents: int


class OrderView(Model):
    """`GET /orders/{orderId}`."""

    order_id: str
    customer_id: str
    items: list[LineView]
    total_cents: int
    status: str
    reason: str | None
    timeline: list[TimelineEntry]
