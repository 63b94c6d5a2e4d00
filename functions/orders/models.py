"""What the API of orders takes and gives."""

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Json
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


def _added_up(lines: list[LineRequest]) -> list[LineRequest]:
    first = {line.product_id: line for line in reversed(lines)}
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.product_id] += line.quantity
    return [first[name].model_copy(update={"quantity": added}) for name, added in quantities.items()]


Lines = Annotated[list[LineRequest], Field(min_length=1, max_length=MAX_LINES)]


class OrderRequest(RequestModel):
    """`POST /orders`."""

    items: Annotated[Lines, AfterValidator(_different_products)]
    payment: PaymentRequest


class AsyncOrderRequest(RequestModel):
    """`POST /async/orders`: lines that repeat a product are added up, without a limit, since API Gateway cannot refuse
    them, and its 202 is out.
    """

    items: Annotated[Lines, AfterValidator(_added_up)]
    payment: PaymentRequest


class QueuedOrder(Model):
    """A message of the queue `order-intake`, which API Gateway makes of `POST /async/orders`: the attributes, which it
    took from the token and the request, when it was sent, and the body.
    """

    order_id: Annotated[str, Field(min_length=1, max_length=64)]
    customer_id: Annotated[str, Field(min_length=1)]
    customer_email: Annotated[str, Field(min_length=1)]
    correlation_id: Annotated[str, Field(min_length=1)]
    sent_at: str
    request: Json[AsyncOrderRequest]


class Accepted(Model):
    """The order is stored and will reach a final status."""

    order_id: str
    status: Literal["PENDING"] = "PENDING"
    total_cents: int


class Cancelled(Model):
    """The order is cancelled; its stock and its money are on their way back."""

    order_id: str
    status: Literal["CANCELLED"] = "CANCELLED"


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
