"""What the API of the cart takes and gives."""

from typing import Literal

from common.model import Model, RequestModel
from common.purchase import PaymentRequest, Quantity


class QuantityRequest(RequestModel):
    """`PUT /cart/items/{productId}`."""

    quantity: Quantity


class CheckoutRequest(RequestModel):
    """`POST /cart/checkout`."""

    payment: PaymentRequest


class CartLine(Model):
    """So many of one product, and what one of them costs today."""

    product_id: str
    quantity: int
    price_cents: int


class CartView(Model):
    """`GET /cart`."""

    items: list[CartLine]
    total_cents: int


class CheckedOut(Model):
    """The cart has become this order."""

    order_id: str
    status: Literal["PENDING"] = "PENDING"
