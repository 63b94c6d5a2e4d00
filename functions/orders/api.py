"""Routes of orders; all need a token."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Header, Path

from common import aws, clock
from common.errors import NotFoundError
from common.events import EventPublisher, Publisher
from common.events.announcement import timeline
from common.http import BEARER, CorrelationId, Customer, raises, resolver
from common.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from common.purchase import DynamoPrices
from orders.cancelling import cancel
from orders.domain import IdempotencyKeyReusedError, NotCancellableError, Order, UnknownProductError
from orders.figures import MeasuredAnnouncer
from orders.intake import Intake
from orders.models import Accepted, Cancelled, LineView, OrderRequest, OrderView
from orders.outbox import Outbox, SnsAnnouncer
from orders.saga import SagaPublisher
from orders.store import CURSOR, DynamoOrders

app = resolver()


@cache
def intake() -> Intake:
    """The service behind the routes, made once in an environment; tests override it."""
    publisher: Publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.orders")
    if saga := os.environ.get("ORDER_SAGA_ARN"):
        publisher = SagaPublisher(publisher, aws.step_functions(), saga)
    orders = DynamoOrders(aws.dynamodb(), os.environ["ORDERS_TABLE"])
    announcer = SnsAnnouncer(aws.sns(), os.environ["ORDER_EVENTS_TOPIC_ARN"])
    return Intake(
        orders=orders,
        prices=DynamoPrices(aws.dynamodb(), os.environ["PRODUCTS_TABLE"]),
        outbox=Outbox(orders, MeasuredAnnouncer(announcer), publisher),
    )


Service = Annotated[Intake, Depends(intake)]
OrderId = Annotated[str, Path(min_length=1, max_length=64)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern="^[\\x20-\\x7e]{1,64}$")]


@app.post(
    "/orders",
    status_code=202,
    security=BEARER,
    responses=raises(UnknownProductError, IdempotencyKeyReusedError),
)
def place_order(
    body: OrderRequest, customer: Customer, service: Service, correlation_id: CorrelationId, key: Key = None
) -> Accepted:
    """Accept an order. 404 for an unknown product; 422 when the key came with another order before."""
    order = service.accept(body, customer, key, correlation_id, clock.now())
    return Accepted(order_id=order.order_id, total_cents=order.total_cents)


@app.get("/orders", security=BEARER)
def list_orders(
    customer: Customer, service: Service, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[OrderView]:
    """One page of the customer's own orders, newest first."""
    found = service.orders.page(customer.user_id, limit, decode_cursor(cursor, CURSOR))
    return Page(items=[_view(Order.model_validate(item)) for item in found.items], cursor=encode_cursor(found.last))


@app.get("/orders/<order_id>", security=BEARER)
def get_order(order_id: OrderId, customer: Customer, service: Service) -> OrderView:
    """One order. 404 when there is none, and when it is somebody else's: that it exists is theirs to know."""
    order = service.orders.get(order_id)
    if order is None or order.customer_id != customer.user_id:
        raise NotFoundError("There is no such order.")
    return _view(order)


@app.post("/orders/<order_id>/cancel", status_code=202, security=BEARER, responses=raises(NotCancellableError))
def cancel_order(order_id: OrderId, customer: Customer, service: Service, correlation_id: CorrelationId) -> Cancelled:
    """Cancel a pending or confirmed order. 404 when there is none of one's own; 409 when it is past cancelling."""
    order = cancel(service.orders, service.outbox, order_id, customer, correlation_id, clock.now())
    return Cancelled(order_id=order.order_id)


def _view(order: Order) -> OrderView:
    return OrderView(
        order_id=order.order_id,
        customer_id=order.customer_id,
        items=[LineView.model_validate(line.model_dump()) for line in order.items],
        total_cents=order.total_cents,
        status=order.status.value,
        reason=order.reason,
        timeline=list(timeline(order.stages)),
    )
