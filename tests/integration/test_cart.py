"""The cart, from its first line to the order that it becomes."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.carts import leave, stored_cart, sweep
from tests.waiting import until

pytestmark = pytest.mark.both_flows

PAYMENT = {"payment": {"method": "card", "token": "tok_ok"}}


@pytest.fixture
def someone(register):
    """A customer with a cart of their own."""
    return register()


@pytest.fixture
def checked_out(bus_events):
    """The details of the CartCheckedOut events of a customer."""

    def read(customer):
        details = [event["detail"] for event in bus_events() if event["detail-type"] == "CartCheckedOut"]
        return [detail for detail in details if detail["data"]["customerEmail"] == customer.email]

    return read


def _put(customer, product_id, quantity=1):
    return customer.call("PUT", f"/cart/items/{product_id}", {"quantity": quantity})


def _check_out(customer):
    return customer.call("POST", "/cart/checkout", PAYMENT)


def _cart(customer):
    answer = customer.call("GET", "/cart")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _order(customer, order_id):
    """The order when it is final; it is there a moment after the checkout."""
    until(lambda: customer.call("GET", f"/orders/{order_id}").status_code == 200)
    return customer.order_once(order_id)


def test_cart_is_filled_changed_and_emptied(someone, product):
    first, second = sorted([product(1), product(1)])
    assert _cart(someone) == {"items": [], "totalCents": 0}

    assert _put(someone, second, 2).status_code == 200
    assert _put(someone, first, 10_000).status_code == 200
    answer = _put(someone, second, 3)

    lines = [
        {"productId": first, "quantity": 10_000, "priceCents": 999},
        {"productId": second, "quantity": 3, "priceCents": 999},
    ]
    assert (answer.status_code, answer.json()) == (200, {"items": lines, "totalCents": 10_003 * 999})
    assert _cart(someone) == answer.json()
    assert someone.call("DELETE", f"/cart/items/{first}").json() == {"items": lines[1:], "totalCents": 3 * 999}
    assert someone.call("DELETE", f"/cart/items/{first}").status_code == 404
    assert someone.call("DELETE", f"/cart/items/{second}").json() == {"items": [], "totalCents": 0}


def test_lines_that_are_put_at_once_are_all_there(someone, product):
    with ThreadPoolExecutor(10) as pool:
        things = list(pool.map(product, [1] * 20))
        answers = list(pool.map(lambda thing: _put(someone, thing, 2), things))

    assert {answer.status_code for answer in answers} == {200}
    assert [line["productId"] for line in _cart(someone)["items"]] == sorted(things)


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 1.5, True, "1", None])
def test_bad_quantity_names_the_field(someone, quantity):
    answer = _put(someone, "product-001", quantity)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] == "quantity"


def test_unknown_product_is_404(someone):
    assert _put(someone, "product-none").status_code == 404
    assert _put(someone, "x" * 65).status_code == 404
    assert someone.call("DELETE", "/cart/items/product-001").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cart"), ("PUT", "/cart/items/x"), ("DELETE", "/cart/items/x"), ("POST", "/cart/checkout")],
)
def test_cart_without_a_token_is_401(anonymous, method, path):
    assert anonymous.call(method, path, {}).status_code == 401


def test_full_cart_of_a_hundred_products_is_checked_out(someone, product, checked_out):
    with ThreadPoolExecutor(8) as pool:
        things = list(pool.map(product, [1] * 101))
        assert {answer.status_code for answer in pool.map(lambda thing: _put(someone, thing), things[:100])} == {200}

    refused = _put(someone, things[100])
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (400, "productId")

    answer = _check_out(someone)
    assert answer.status_code == 202
    (event,) = until(lambda: checked_out(someone))
    assert [line["productId"] for line in event["data"]["items"]] == sorted(things[:100])
    assert event["data"]["totalCents"] == 100 * 999
    assert _order(someone, answer.json()["orderId"])["status"] == "CONFIRMED"


def test_prices_are_todays_and_what_is_gone_is_not_bought(someone, admin, product, checked_out):
    dear, gone = product(1), product(1)
    for thing in (dear, gone):
        _put(someone, thing, 2)
    now = {"name": "Thing", "category": "tests", "priceCents": 1500, "stock": 1, "description": "Dearer"}
    assert admin.call("PUT", f"/products/{dear}", now).status_code == 200
    assert admin.call("DELETE", f"/products/{gone}").status_code == 204

    line = {"productId": dear, "quantity": 2, "priceCents": 1500}
    assert _cart(someone) == {"items": [line], "totalCents": 3000}
    assert _check_out(someone).status_code == 202
    (event,) = until(lambda: checked_out(someone))
    assert (event["data"]["items"], event["data"]["totalCents"]) == ([line], 3000)


def test_cart_of_gone_products_is_empty(someone, admin, product):
    gone = product(1)
    _put(someone, gone)
    admin.call("DELETE", f"/products/{gone}")

    assert _cart(someone) == {"items": [], "totalCents": 0}
    assert _check_out(someone).status_code == 409


def test_cart_becomes_the_order_that_was_promised(someone, product, stock, charges):
    thing = product(10)
    _put(someone, thing, 3)

    answer = _check_out(someone)

    accepted = answer.json()
    assert (answer.status_code, accepted) == (202, {"orderId": accepted["orderId"], "status": "PENDING"})
    assert _cart(someone) == {"items": [], "totalCents": 0}
    order = _order(someone, accepted["orderId"])
    assert (order["status"], order["totalCents"]) == ("CONFIRMED", 3 * 999)
    assert order["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]
    assert [entry["stage"] for entry in order["timeline"]][:4] == [
        "accepted",
        "stock-reserved",
        "payment-captured",
        "confirmed",
    ]
    assert stock(thing) == 7
    assert charges(accepted["orderId"]) == [3 * 999]


def test_cart_that_is_checked_out_ten_times_at_once_is_one_order(someone, product, checked_out):
    thing = product(100)
    _put(someone, thing, 3)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: _check_out(someone), range(10)))

    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    (order_id,) = [answer.json()["orderId"] for answer in answers if answer.status_code == 202]
    refusals = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert {refusal["code"] for refusal in refusals} == {"EMPTY_CART"}
    assert all(order_id in refusal["message"] for refusal in refusals)
    assert _cart(someone) == {"items": [], "totalCents": 0}
    _put(someone, thing)  # behind what the ten have published
    marker = _check_out(someone).json()["orderId"]
    events = until(lambda: len(seen := checked_out(someone)) >= 2 and seen)
    assert [event["data"]["orderId"] for event in events] == [order_id, marker]
    assert events[0]["data"]["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]
    assert {_order(someone, each)["status"] for each in (order_id, marker)} == {"CONFIRMED"}
    listed = someone.call("GET", "/orders").json()["items"]
    assert [order["orderId"] for order in listed] == [marker, order_id]


@pytest.mark.usefixtures("no_sweeps")
def test_checkout_that_was_never_published_is_swept(aws, someone, product, checked_out):
    """What a function leaves that dies between the write and the publication: a checkout with its mark, long due."""
    _put(someone, product(2))
    _check_out(someone)
    (event,) = until(lambda: checked_out(someone))
    order_id = str(uuid.uuid4())
    data = event["data"] | {"orderId": order_id}
    left = {
        "orderId": {"S": order_id},
        "customerId": {"S": data["customerId"]},
        "customerEmail": {"S": someone.email},
        "items": {
            "L": [
                {
                    "M": {
                        "productId": {"S": line["productId"]},
                        "quantity": {"N": "1"},
                        "priceCents": {"N": "999"},
                    }
                }
                for line in data["items"]
            ]
        },
        "totalCents": {"N": "999"},
        "payment": {"M": {"method": {"S": "card"}, "token": {"S": "tok_ok"}}},
        "checkedOutAt": {"S": event["metadata"]["stages"]["accepted"]},
        "correlationId": {"S": event["metadata"]["correlationId"]},
        "outbox": {"S": "pending"},
        "dueAt": {"S": "2020-01-01T00:00:00.000Z"},
        "attempts": {"N": "0"},
    }
    aws("dynamodb").put_item(TableName="checkouts", Item=left)

    sweep(aws)

    found = until(lambda: [each for each in checked_out(someone) if each["data"]["orderId"] == order_id])
    assert found == [{"metadata": event["metadata"], "data": data}]
    assert _order(someone, order_id)["status"] == "CONFIRMED"
    stored = {"TableName": "checkouts", "Key": {"orderId": {"S": order_id}}, "ConsistentRead": True}
    until(lambda: "Item" not in aws("dynamodb").get_item(**stored))


def test_cart_that_is_left_gets_one_mail_and_stays_until_it_is_bought(aws, wire, someone, product, mails, depth):
    thing = product(10)
    _put(someone, thing, 3)
    leave(aws, someone.email)

    sweep(aws)

    (mail,) = until(lambda: mails(someone.email))
    assert mail["Subject"] == "There is something in your cart"
    assert "3 articles, today for $29.97" in mail["Body"]["text_part"]
    correlation_id = mail["Body"]["text_part"].splitlines()[-1].removeprefix("Reference: ")
    (event,) = until(lambda: wire.events(correlation_id))
    assert (event["detail-type"], event["detail"]["data"]["customerEmail"]) == ("CartAbandoned", someone.email)
    assert wire.faults == []
    assert _cart(someone)["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]

    entry = {
        "Source": "shop.cart",
        "DetailType": "CartAbandoned",
        "Detail": json.dumps(event["detail"]),
        "EventBusName": "shop",
    }
    aws("events").put_events(Entries=[entry])  # once more, as may happen
    sweep(aws)
    order = _order(someone, _check_out(someone).json()["orderId"])
    assert order["status"] == "CONFIRMED"
    assert "remindAt" not in stored_cart(aws, someone.email)
    someone.order_at(order["orderId"], "notified")
    until(lambda: not depth("notifications"))
    subjects = [mail["Subject"] for mail in mails(someone.email)]
    assert subjects == ["There is something in your cart", f"Your order {order['orderId']} is confirmed"]


@pytest.mark.usefixtures("no_sweeps")
def test_cart_that_is_changed_or_bought_in_time_gets_no_mail(aws, register, product, mails):
    changed, bought, late = register(), register(), register()
    thing = product(10)
    for customer in (changed, bought, late):
        _put(customer, thing)
        leave(aws, customer.email)
    _put(changed, thing, 2)
    order_id = _check_out(bought).json()["orderId"]

    sweep(aws)

    until(lambda: mails(late.email))
    until(lambda: mails(bought.email))
    assert stored_cart(aws, changed.email)["remindAt"]["S"] > "2026"
    assert [mail["Subject"] for mail in mails(bought.email)] == [f"Your order {order_id} is confirmed"]
    assert mails(changed.email) == []


@pytest.mark.usefixtures("no_sweeps")
def test_customer_who_is_gone_gets_no_mail_about_the_cart(aws, register, product, mails):
    gone, late = register(), register()
    for customer in (gone, late):
        _put(customer, product(10))
    user_id = stored_cart(aws, gone.email)["customerId"]["S"]
    leave(aws, gone.email)
    leave(aws, late.email)
    assert gone.call("DELETE", f"/users/{user_id}").status_code == 204

    sweep(aws)

    until(lambda: mails(late.email))
    assert mails(gone.email) == []
