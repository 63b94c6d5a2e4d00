"""The routes of the Shop API, with good and with bad input."""

import base64
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.both_flows

ORDER = {"items": [{"productId": "product-001", "quantity": 1}], "payment": {"method": "card", "token": "tok_ok"}}


def _with_quantity(quantity):
    return {**ORDER, "items": [{"productId": "product-001", "quantity": quantity}]}


def _refused(answer, status=400):
    """The error of an answer, after its shape was checked."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"]
    return error


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 10**9, 10**400, 1.5, True, "1", None, [1]])
def test_bad_quantity_names_the_field(customer, quantity):
    error = _refused(customer.call("POST", "/orders", _with_quantity(quantity)))

    assert error["details"][0]["field"] == "items.0.quantity"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": None}, "items"),
        ({"items": "product-001"}, "items"),
        ({"items": [{"productId": f"product-{n:03}", "quantity": 1} for n in range(101)]}, "items"),
        ({"items": [{"productId": "product-001", "quantity": 1}] * 2}, "items"),
        ({"items": [{"quantity": 1}]}, "items.0.productId"),
        ({"items": [{"productId": 7, "quantity": 1}]}, "items.0.productId"),
        ({"items": [{"productId": "", "quantity": 1}]}, "items.0.productId"),
        ({"items": [{"productId": "x" * 65, "quantity": 1}]}, "items.0.productId"),
        ({"payment": None}, "payment"),
        ({"payment": {"method": "card"}}, "payment.token"),
        ({"payment": {"method": "card", "token": "tok_unknown"}}, "payment.token"),
        ({"payment": {"method": "", "token": "tok_ok"}}, "payment.method"),
    ],
)
def test_bad_order_names_the_field(customer, change, field):
    error = _refused(customer.call("POST", "/orders", ORDER | change))

    assert error["details"][0]["field"] == field


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"[" * 10_000, b"NaN"])
def test_body_that_is_no_json_object_is_refused(customer, body):
    answer = customer.call("POST", "/orders", data=body, headers={"Content-Type": "application/json"})

    _refused(answer)


def test_form_body_is_refused_with_the_reason(customer):
    answer = customer.call("POST", "/orders", data=json.dumps(ORDER), headers={"Content-Type": "text/plain"})

    assert "Content-Type" in _refused(answer)["message"]


@pytest.mark.parametrize("size", [300_000, 7_000_000, 11_000_000])
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_huge_body_is_413(customer, size, content_type):
    body = json.dumps({**ORDER, "padding": "x" * size})

    answer = customer.call("POST", "/orders", data=body, headers={"Content-Type": content_type})

    _refused(answer, 413)


def test_unknown_product_is_404_by_name(customer):
    body = {**ORDER, "items": [{"productId": "product-none", "quantity": 1}]}

    assert "product-none" in _refused(customer.call("POST", "/orders", body), 404)["message"]


def test_idempotency_key_gives_one_order(customer, product, stock):
    thing, key = product(10), uuid.uuid4().hex

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: customer.place((thing, 2), Idempotency_Key=key), range(5)))

    assert {answer.status_code for answer in answers} == {202}
    (order_id,) = {answer.json()["orderId"] for answer in answers}
    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    assert customer.place((thing, 2), Idempotency_Key=key).json() == answers[0].json()
    assert stock(thing) == 8
    _refused(customer.place((thing, 3), Idempotency_Key=key), 422)


def test_idempotency_key_belongs_to_a_customer(register, product):
    thing, key = product(10), uuid.uuid4().hex

    orders = {register().place((thing, 1), Idempotency_Key=key).json()["orderId"] for _ in range(2)}

    assert len(orders) == 2


def test_order_of_another_customer_is_404(customer, register, product):
    placed = customer.place((product(1), 1)).json()

    _refused(register().call("GET", f"/orders/{placed['orderId']}"), 404)
    _refused(customer.call("GET", "/orders/none"), 404)
    _refused(customer.call("GET", f"/orders/{'x' * 65}"), 404)


def _token(**changes):
    """A token that nobody signed."""
    claims = {"sub": "x", "email": "x@example.com", "role": "admin", "iss": "shop", "iat": 0, "exp": 4_102_444_800}
    parts = [{"alg": "none", "typ": "JWT"}, claims | changes]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Basic eDp4", f"Bearer {_token()}"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/orders"), ("POST", "/orders"), ("GET", "/orders/x")])
def test_route_without_a_good_token_is_401(anonymous, method, path, header):
    headers = {} if header is None else {"Authorization": header}

    _refused(anonymous.call(method, path, ORDER if method == "POST" else None, headers=headers), 401)


def test_token_of_a_customer_that_was_tampered_with_is_401(customer, anonymous):
    token = customer._session.headers["Authorization"]
    head, claims, signature = token.split(".")
    other = signature[:-4] + ("AAAA" if signature[-4:] != "AAAA" else "BBBB")

    _refused(anonymous.call("GET", "/orders", headers={"Authorization": f"{head}.{claims}.{other}"}), 401)


def test_orders_are_listed_newest_first_page_by_page(register, product):
    someone, thing = register(), product(10)
    placed = [someone.place((thing, 1)).json()["orderId"] for _ in range(5)]

    listed, cursor = [], None
    while True:
        query = f"?limit=2{f'&cursor={cursor}' if cursor else ''}"
        page = someone.call("GET", f"/orders{query}").json()
        assert len(page["items"]) <= 2
        listed += [order["orderId"] for order in page["items"]]
        cursor = page.get("cursor")
        if not cursor:
            break

    assert listed == placed[::-1]


def test_products_are_listed_page_by_page_and_by_category(anonymous):
    def listed(**narrowed):
        seen, cursor = [], None
        while True:
            asked = {"limit": "100", **narrowed, **({"cursor": cursor} if cursor else {})}
            page = anonymous.call("GET", "/products", params=asked).json()
            seen += page["items"]
            cursor = page.get("cursor")
            if not cursor:
                return seen

    seen = listed()
    assert len({item["productId"] for item in seen}) == len(seen) >= 201
    categories = {item["category"] for item in seen} - {"tests"}
    assert len(categories) >= 10
    category = sorted(categories)[0]
    expected = {item["productId"] for item in seen if item["category"] == category}
    assert {item["productId"] for item in listed(category=category)} == expected


def test_product_has_its_stock(anonymous, product, stock):
    thing = product(17)

    assert anonymous.call("GET", f"/products/{thing}").json() == {
        "productId": thing,
        "name": "Thing",
        "category": "tests",
        "priceCents": 999,
        "stock": 17,
        "description": "For a test",
    }
    _refused(anonymous.call("GET", "/products/none"), 404)
    assert anonymous.call("GET", "/products/flash-1").json()["stock"] == stock("flash-1")


@pytest.mark.parametrize("path", ["/products", "/orders"])
@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=",
        "cursor=x",
        "cursor=e30",
        "cursor=eyJhIjoxfQ",
    ],
)
def test_bad_page_is_400(customer, path, query):
    _refused(customer.call("GET", f"{path}?{query}"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "none"}, "email"),
        ({"email": 7}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
    ],
)
def test_bad_registration_names_the_field(anonymous, change, field):
    user = {"email": f"{uuid.uuid4().hex}@example.com", "password": "a-long-password", "name": "Test"}

    assert _refused(anonymous.call("POST", "/users", user | change))["details"][0]["field"] == field


def test_email_is_taken_once_whatever_its_case(anonymous):
    email = f"{uuid.uuid4().hex}@example.com"
    users = [{"email": each, "password": "a-long-password", "name": "Test"} for each in (email, email.upper())] * 3

    with ThreadPoolExecutor(6) as pool:
        statuses = [a.status_code for a in pool.map(lambda user: anonymous.call("POST", "/users", user), users)]

    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("password", ["wrong-password", "short", "x" * 129, ""])
@pytest.mark.parametrize("email", ["demo@example.com", "nobody@example.com"])
def test_wrong_login_is_401(anonymous, email, password):
    _refused(anonymous.call("POST", "/users/login", {"email": email, "password": password}), 401)


@pytest.mark.parametrize(("email", "password"), [("demo", "demo"), ("admin", "admin")])
def test_seeded_users_can_log_in(anonymous, email, password):
    body = {"email": f"{email}@example.com", "password": f"{password}-password"}

    answer = anonymous.call("POST", "/users/login", body)

    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expiresIn", "userId"}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/orders/x/y/z", "/users/x/y"])
def test_unknown_route_has_the_shops_error_shape(customer, path):
    answer = customer.call("GET", path)

    assert _refused(answer, 404)["code"] == "NOT_FOUND"


def test_bad_correlation_id_is_400(customer):
    error = _refused(customer.call("GET", "/orders", headers={"X-Correlation-Id": "a b"}))

    assert error["details"][0]["field"] == "X-Correlation-Id"
