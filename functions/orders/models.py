"""What the API of orders takes and gives."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from common.events import TimelineEntry
from common.model import Model, RequestModel
from common.purchase import MAX_LINES, PaymentRequest, ProductId, Quantity


class LineRequest(RequestModel):
    """One line."""

    product_id: ProductId
    quantity: Quantity


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
