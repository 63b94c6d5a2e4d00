"""The generated client, shop_client/, against the API that it was generated for."""

import uuid

import pytest

from shop_client import AuthenticatedClient, Client
from shop_client.api.orders import get_order, list_orders, place_order
from shop_client.api.products import list_products
from shop_client.api.users import login, register
from shop_client.models import (
    Accepted,
    ErrorResponse,
    LineRequest,
    Login,
    OrderRequest,
    OrderView,
    OrderViewPage,
    PaymentRequest,
    PaymentRequestToken,
    ProductPage,
    Registered,
    Registration,
    SignedIn,
)
from tests.waiting import until

# httpx cannot read a `no_proxy` with "[::1]", which LocalStack sets wherever it is imported.
NO_PROXY = {"trust_env": False}


@pytest.fixture
def anonymous_client(stack):
    with Client(base_url=stack.api_url, raise_on_unexpected_status=True, httpx_args=NO_PROXY) as client:
        yield client


@pytest.fixture
def client(stack, anonymous_client):
    """A new customer's."""
    email, password = f"{uuid.uuid4().hex[:12]}@example.com", "a-long-password"
    registered = register.sync(client=anonymous_client, body=Registration(email, password, "Test"))
    signed_in = login.sync(client=anonymous_client, body=Login(email, password))
    assert isinstance(registered, Registered)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.user_id == registered.user_id
    with AuthenticatedClient(
        stack.api_url, signed_in.token, raise_on_unexpected_status=True, httpx_args=NO_PROXY
    ) as client:
        yield client


def _order(product_id, quantity=1):
    payment = PaymentRequest(method="card", token=PaymentRequestToken.TOK_OK)
    return OrderRequest(items=[LineRequest(product_id, quantity)], payment=payment)


def test_client_buys_something(client):
    page = list_products.sync(client=client, category="audio", limit=3)  # the other tests' products may be sold out
    assert isinstance(page, ProductPage)
    assert len(page.items) == 3
    thing = page.items[0]

    placed = place_order.sync(client=client, body=_order(thing.product_id, 2), x_correlation_id="typed-1")

    assert isinstance(placed, Accepted)
    assert placed.total_cents == 2 * thing.price_cents

    def finished() -> OrderView | None:
        order = get_order.sync(placed.order_id, client=client)
        return order if isinstance(order, OrderView) and order.status != "PENDING" else None

    assert until(finished).status == "CONFIRMED"
    listed = list_orders.sync(client=client)
    assert isinstance(listed, OrderViewPage)
    assert [order.order_id for order in listed.items] == [placed.order_id]


def test_error_is_typed_too(client, anonymous_client):
    answer = place_order.sync_detailed(client=client, body=_order("product-none"))
    assert answer.status_code == 404
    assert isinstance(answer.parsed, ErrorResponse)
    assert answer.parsed.error.code == "UNKNOWN_PRODUCT"

    refused = login.sync_detailed(client=anonymous_client, body=Login("nobody@example.com", "a-long-password"))
    assert refused.status_code == 401
