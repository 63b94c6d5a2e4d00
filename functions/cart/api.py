"""Routes of the cart; all need a token, whose owner's cart they are about."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path

from cart.domain import Cart, CartChangingError, EmptyCartError
from cart.models import CartLine, CartView, CheckedOut, CheckoutRequest, QuantityRequest
from cart.shopping import Shopping
from cart.store import DynamoCarts, DynamoCheckouts
from common import aws, clock
from common.events import EventPublisher
from common.http import BEARER, CorrelationId, Customer, raises, resolver
from common.purchase import DynamoPrices, total

app = resolver()


@cache
def shopping() -> Shopping:
    """The service behind the routes, made once in an environment; tests override it."""
    dynamodb, checkouts = aws.dynamodb(), os.environ["CHECKOUTS_TABLE"]
    return Shopping(
        carts=DynamoCarts(dynamodb, os.environ["CARTS_TABLE"], checkouts, float(os.environ["CART_ABANDONED_AFTER_S"])),
        checkouts=DynamoCheckouts(dynamodb, checkouts),
        prices=DynamoPrices(dynamodb, os.environ["PRODUCTS_TABLE"]),
        publisher=EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.cart"),
    )


Service = Annotated[Shopping, Depends(shopping)]
ProductId = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/cart", security=BEARER)
def get_cart(customer: Customer, service: Service) -> CartView:
    """The customer's cart at today's prices. What has left the catalogue is not shown, and is not bought."""
    return _view(service, service.carts.get(customer.user_id))


@app.put("/cart/items/<product_id>", security=BEARER)
def put_cart_item(product_id: ProductId, body: QuantityRequest, customer: Customer, service: Service) -> CartView:
    """Make it so many of this product, whatever it was before. 404 for an unknown one, 400 when the cart is full."""
    return _view(service, service.put(customer.user_id, product_id, body.quantity, clock.now()))


@app.delete("/cart/items/<product_id>", security=BEARER)
def remove_cart_item(product_id: ProductId, customer: Customer, service: Service) -> CartView:
    """Take the product out. 404 when it is not in the cart."""
    return _view(service, service.carts.remove(customer.user_id, [product_id], clock.now()))


@app.post("/cart/checkout", status_code=202, security=BEARER, responses=raises(EmptyCartError, CartChangingError))
def check_out(body: CheckoutRequest, customer: Customer, service: Service, correlation_id: CorrelationId) -> CheckedOut:
    """Make an order of the cart at today's prices, and empty it. 409 when it is empty, or another checkout was first.

    GET /orders/{orderId} knows the order a moment later.
    """
    checkout = service.check_out(customer, body.payment.payment(), correlation_id, clock.now())
    return CheckedOut(order_id=checkout.order_id)


def _view(service: Shopping, cart: Cart) -> CartView:
    lines = service.lines(cart)
    return CartView(
        items=[CartLine.model_validate(line.model_dump()) for line in lines],
        total_cents=total(lines),
    )
