"""``make seed`` on a running stack, and the shop's API over what it added."""

import io
from pathlib import Path

import pytest
import requests
from rich.console import Console

from sandbox import seed

LOG = Path(__file__).parents[1] / "unit" / "bootstrap" / "order_log.csv"


@pytest.fixture
def make_seed(stack):
    def run(**wishes: str) -> list[str]:
        """What the command says, without how long it took."""
        said = io.StringIO()
        assert seed.run(stack, wishes, Console(file=said, width=200)) == 0
        return [line.strip() for line in said.getvalue().splitlines() if not line.startswith("Done in")]

    return run


@pytest.fixture
def log_in(stack):
    def run(email: str) -> requests.Response:
        body = {"email": email, "password": "demo-password"}
        return requests.post(f"{stack.api_url}/users/login", json=body, timeout=30)

    return run


def test_size_is_reached_and_the_api_shows_it(make_seed, log_in, anonymous, aws):
    users = aws("dynamodb").scan(TableName="users", FilterExpression="attribute_exists(passwordHash)")["Count"]
    products = len(anonymous.products())
    wishes = {"PRODUCTS": str(products + 1_150), "USERS": str(users + 30)}

    said = make_seed(**wishes)

    assert said == [
        f"1,150 products added, {products + 1150:,} in all",
        f"30 users added, {users + 30:,} in all",
        "They log in as user-0001@example.com and so on with the password demo-password",
    ]
    assert make_seed(**wishes) == [f"{products + 1150:,} products, unchanged", f"{users + 30:,} users, unchanged"]
    assert make_seed(PRODUCTS="1") == [f"There are {products + 1150:,} products, more than PRODUCTS=1: none is removed"]
    listed = anonymous.products()
    assert len({each["productId"] for each in listed}) == len(listed) == products + 1_150
    added = {each["productId"]: each for each in listed if each["productId"].startswith("product-")}
    assert len(added) >= 1_350
    assert {each["stock"] for each in added.values() if each["productId"] > "product-201"} == {1_000_000}
    in_audio = {each["productId"] for each in anonymous.products("audio")}
    assert in_audio == {each["productId"] for each in listed if each["category"] == "audio"}
    assert {log_in(f"user-{number:04}@example.com").status_code for number in (1, 2, 30)} == {200}


def test_products_and_customers_of_a_log_buy_and_are_bought(make_seed, log_in, anonymous, customer):
    said = make_seed(FROM=str(LOG))

    assert said[0] == "21 lines, 16 of them sales of 7 products to 6 customers"
    assert said[-1] == "They log in as customer-<CustomerID>@example.com with the password demo-password"
    assert make_seed(FROM=str(LOG))[1].endswith("products, unchanged")
    holder = anonymous.call("GET", "/products/85123A").json()
    assert (holder["name"], holder["priceCents"]) == ("WHITE HANGING HEART T-LIGHT HOLDER", 295)
    box = next(each for each in anonymous.products("home") if each["name"] == "WOODEN BOX OF NINE")
    assert anonymous.call("GET", f"/products/{box['productId']}").json() == box

    answer = log_in("customer-17850@example.com")
    assert (answer.status_code, answer.json()["userId"]) == (200, "customer-17850")
    customer = type(customer)(customer.api_url, "customer-17850@example.com", answer.json()["token"])
    placed = customer.place(("85123A", 2), (box["productId"], 1))
    assert placed.json()["totalCents"] == 2 * 295 + 1000
    assert customer.order_once(placed.json()["orderId"])["status"] == "CONFIRMED"
