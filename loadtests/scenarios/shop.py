"""What the scenarios do at the shop's API alike: log in, register, read the catalogue, place an order.

The models of the API's client are imported where they are used: they bring `ssl` along, which must not be there before
Locust has patched the standard library for gevent, and scenarios are looked up before that.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from loadtests.errors import SetupError
from loadtests.records import Placed
from loadtests.scenarios.base import Http, Response

if TYPE_CHECKING:
    from shop_client.models import Product

EMAIL: Final = "demo@example.com"
PASSWORD: Final = "demo-password"
ADMIN_EMAIL: Final = "admin@example.com"
ADMIN_PASSWORD: Final = "admin-password"
PAYMENT: Final = {"method": "card", "token": "tok_ok"}
ENOUGH_STOCK: Final = 10_000
"""Products with less are left alone: an order that is rejected for want of stock measures something else."""

RENEW_BEFORE_S: Final = 60.0
JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(slots=True)
class Session:
    """A user who is logged in. `expires_at` is in epoch seconds."""

    email: str
    password: str
    token: str
    expires_at: float

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this user's with a JSON body has."""
        return {**JSON, "Authorization": f"Bearer {self.token}"}

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values; `Session(**…)` reads them back."""
        return asdict(self)

    def renew(self, http: Http) -> None:
        """Log in again shortly before the token expires. While the stack refuses, keep the old one for a time."""
        if time.time() < self.expires_at - RENEW_BEFORE_S:
            return
        self.expires_at = float("inf")  # one greenlet renews, the others go on
        try:
            fresh = log_in(http, self.email, self.password)
        except SetupError:
            self.expires_at = time.time() + 2 * RENEW_BEFORE_S
        else:
            self.token, self.expires_at = fresh.token, fresh.expires_at


@dataclass(frozen=True, slots=True)
class Door:
    """A way for orders into the shop: where to POST them, and what the id is called in its 202."""

    path: str
    order_id: str


DIRECT: Final = Door("/orders", "orderId")
QUEUE: Final = Door("/async/orders", "messageId")
CHECKOUT: Final = Door("/cart/checkout", "orderId")


def log_in(
    http: Http, email: str = EMAIL, password: str = PASSWORD, context: Mapping[str, float] | None = None
) -> Session:
    """Log in, by default as the seeded demo user; measured with a `context`. Raises SetupError if that user cannot."""
    from shop_client.models import Login, SignedIn

    body = json.dumps(Login(email, password).to_dict())
    with http.request(
        "POST",
        "/users/login",
        name="/users/login",
        catch_response=True,
        headers=dict(JSON),
        data=body,
        context=context or {},
    ) as response:
        answer = parsed(SignedIn.from_dict, response)
        if response.status_code != 200 or answer is None:
            raise SetupError(
                f"cannot log in as {email}: POST /users/login answered {_status(response)}; "
                "is the shop deployed and seeded there? (make up)"
            )
    return Session(email, password, answer.token, time.time() + answer.expires_in)


def register(http: Http) -> Session:
    """Add a customer whom nobody else uses, and log in. Raises SetupError if the shop takes none."""
    from shop_client.models import Registration

    email, password = f"load-{uuid.uuid4().hex}@example.com", uuid.uuid4().hex
    body = json.dumps(Registration(email, password, "Load Test").to_dict())
    with http.request("POST", "/users", name="/users", catch_response=True, headers=dict(JSON), data=body) as response:
        if response.status_code != 201:
            raise SetupError(f"cannot register a customer: POST /users answered {_status(response)}")
    return log_in(http, email, password)


def catalogue(http: Http) -> list[Product]:
    """Return up to 100 products that can be bought without running out. Raises SetupError if there is none."""
    from shop_client.models import ProductPage

    with http.request("GET", "/products?limit=100", name="/products", catch_response=True, headers={}) as response:
        page = parsed(ProductPage.from_dict, response)
    items = page.items if page else []
    products = [item for item in items if item.stock >= ENOUGH_STOCK]
    if not products:
        raise SetupError(
            f"no product to order: GET /products answered {_status(response)} with "
            f"{len(items)} products, none with {ENOUGH_STOCK} or more in stock; seed it first (make reset)"
        )
    return products


def all_products(http: Http) -> Iterator[Product]:
    """Every product of the shop, page by page. Raises SetupError where a page is none."""
    from shop_client.models import ProductPage

    path: str | None = "/products?limit=100"
    while path is not None:
        with http.request("GET", path, name="/products", catch_response=True, headers={}) as response:
            page = parsed(ProductPage.from_dict, response) if response.status_code == 200 else None
        if page is None:
            raise SetupError(f"GET /products answered {_status(response)}: the catalogue cannot be read")
        yield from page.items
        path = f"/products?limit=100&cursor={quote(page.cursor)}" if isinstance(page.cursor, str) else None


def product_ids(http: Http) -> list[str]:
    """The ids of `catalogue`. Raises SetupError likewise."""
    return [product.product_id for product in catalogue(http)]


def product(http: Http, product_id: str) -> Product | None:
    """One product as it is now; None for any answer that has none."""
    from shop_client.models import Product

    path = f"/products/{product_id}"
    with http.request("GET", path, name="/products/{productId}", catch_response=True, headers={}) as response:
        return parsed(Product.from_dict, response) if response.status_code == 200 else None


def read(http: Http, path: str, name: str, arrival: float, intended: float | None = None) -> None:
    """A measured GET. `intended` is when it should leave; now, where it follows upon something else."""
    context = {"arrival": arrival, "intended": time.time() if intended is None else intended}
    with http.request("GET", path, name=name, catch_response=True, headers={}, context=context):
        pass


def place(
    http: Http,
    door: Door,
    session: Session,
    correlation_id: str,
    arrival: float,
    body: Mapping[str, Any],
    total_cents: int | None = None,
) -> Placed:
    """Send one order, measured, and return what was answered; anything but 202 with an id is a failure, and so is
    another total than `total_cents`, where that is known.
    """
    sent = time.time()
    with http.request(
        "POST",
        door.path,
        name=door.path,
        catch_response=True,
        headers={**session.headers, "X-Correlation-Id": correlation_id},
        data=json.dumps(body),
        context={"arrival": arrival, "intended": arrival},
    ) as response:
        order_id = _accepted(response, door)
        if order_id and total_cents is not None and (told := content(response).get("totalCents")) != total_cents:
            response.failure(f"a total of {told} cents instead of {total_cents}")
        status = response.status_code
    return Placed(correlation_id, arrival, sent, time.time(), status, order_id)


def _accepted(response: Response, door: Door) -> str | None:
    """The order id of a 202; None, with the response marked as failed, for any other answer."""
    if response.status_code != 202:
        response.failure(f"answered {_status(response)} instead of 202")
        return None
    order_id = content(response).get(door.order_id)
    if not isinstance(order_id, str) or not order_id:
        response.failure(f"a 202 without {door.order_id}")
        return None
    return order_id


def parsed[Model](parse: Callable[[dict[str, Any]], Model], response: Response) -> Model | None:
    """The body as one of the API's models; None where it is none."""
    try:
        return parse(content(response))
    except (KeyError, TypeError, ValueError):
        return None


def content(response: Response) -> dict[str, Any]:
    """The body as an object; an empty one for anything else."""
    try:
        body = json.loads(response.content or b"")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _status(response: Response) -> int | str:
    return response.status_code or "nothing"
