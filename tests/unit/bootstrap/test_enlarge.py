"""More products and customers on a seeded stack, on moto."""

from pathlib import Path
from typing import Any

import pytest

from bootstrap import batches, enlarge, order_log
from bootstrap.clients import Clients
from bootstrap.enlarge import Enlarged, Growth
from bootstrap.errors import SeedError
from tests.unit.bootstrap.shop_api import ShopApi

LOG = order_log.read(Path(__file__).with_name("order_log.csv"))


def _items(clients: Clients, table: str) -> dict[str, dict[str, Any]]:
    pages = clients.dynamodb.get_paginator("scan").paginate(TableName=table)
    (key,) = [each["AttributeName"] for each in clients.dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    return {item[key]["S"]: dict(item) for page in pages for item in page["Items"]}


def _delete(clients: Clients, table: str, key: str, *ids: str) -> None:
    batches.delete(clients.dynamodb, table, [{key: {"S": each}} for each in ids])


def test_size_is_reached_and_then_kept(api: ShopApi, clients: Clients) -> None:
    assert enlarge.to_size(clients, api.url, 230, 5) == Enlarged(Growth(201, 29), Growth(2, 3))
    products, stock, users = (_items(clients, table) for table in ("products", "stock", "users"))
    assert len(products) == 230
    assert products.keys() == stock.keys()
    assert stock["product-229"] == {"productId": {"S": "product-229"}, "stock": {"N": "1000000"}}
    assert {"user-0001", "email#user-0003@example.com"} < users.keys()

    assert enlarge.to_size(clients, api.url, 230, 5) == Enlarged(Growth(230, 0), Growth(5, 0))
    assert enlarge.to_size(clients, api.url, 100, 1) == Enlarged(Growth(230, 0), Growth(5, 0))
    assert (_items(clients, "products"), _items(clients, "users")) == (products, users)


def test_size_in_two_steps_is_the_same_as_in_one(api: ShopApi, clients: Clients) -> None:
    enlarge.to_size(clients, api.url, 210, 3)
    enlarge.to_size(clients, api.url, 220, 6)
    steps = [_items(clients, table) for table in ("products", "stock", "users")]
    _delete(clients, "products", "productId", *(f"product-{n}" for n in range(201, 220)))
    _delete(clients, "users", "userId", *(f"user-000{n}" for n in range(1, 5)))

    assert enlarge.to_size(clients, api.url, 220, 6) == Enlarged(Growth(201, 19), Growth(2, 4))
    assert [_items(clients, table) for table in ("products", "stock", "users")] == steps


def test_only_what_is_asked_for_is_added(api: ShopApi, clients: Clients) -> None:
    assert enlarge.to_size(clients, api.url, 202, None) == Enlarged(Growth(201, 1), None)
    assert enlarge.to_size(clients, api.url, None, 3) == Enlarged(None, Growth(2, 1))
    assert api.logins == ["demo@example.com"]


def test_added_user_is_the_demo_customer_by_another_name(api: ShopApi, clients: Clients) -> None:
    enlarge.to_size(clients, api.url, None, 3)
    users = _items(clients, "users")
    demo = users["id-of-demo@example.com"]
    own = {"userId": {"S": "user-0001"}, "email": {"S": "user-0001@example.com"}, "name": {"S": "Cathy Glass"}}
    assert users["user-0001"] == {**demo, **own}
    assert users["user-0001"]["kept"] == {"S": "by the service"}


def test_address_of_somebody_else_stays_theirs(api: ShopApi, clients: Clients) -> None:
    enlarge.to_size(clients, api.url, None, 2)
    api.answer("/dev/users", {"email": "user-0002@example.com", "password": "another-one", "name": "Me"})

    assert enlarge.to_size(clients, api.url, None, 5) == Enlarged(None, Growth(3, 2))

    users = _items(clients, "users")
    assert users["email#user-0002@example.com"]["ownerId"] == {"S": "id-of-user-0002@example.com"}
    assert {"user-0001", "user-0003"} < users.keys()
    assert "user-0002" not in users


def test_user_who_was_deleted_does_not_come_back(api: ShopApi, clients: Clients) -> None:
    """Tokens of a deleted user are refused: nobody could do anything with such an account."""
    clients.dynamodb.put_item(TableName="deleted-users", Item={"userId": {"S": "user-0001"}})
    enlarge.to_size(clients, api.url, None, 4)
    assert {"user-0002", "user-0003"} < (users := _items(clients, "users")).keys()
    assert "user-0001" not in users


@pytest.mark.parametrize("lost", ["item", "password"])
def test_users_are_not_added_when_the_demo_password_is_not_known(api: ShopApi, clients: Clients, lost: str) -> None:
    enlarge.to_size(clients, api.url, 0, 0)
    if lost == "item":
        _delete(clients, "users", "userId", "id-of-demo@example.com")
    else:
        item = _items(clients, "users")["id-of-demo@example.com"]
        clients.dynamodb.put_item(TableName="users", Item={**item, "passwordHash": {"S": "hash of another"}})
    with pytest.raises(SeedError, match=r"demo@example\.com no longer has the password demo-password.*make reset"):
        enlarge.to_size(clients, api.url, None, 5)
    assert "user-0001" not in _items(clients, "users")


def test_log_is_added_once(api: ShopApi, clients: Clients) -> None:
    assert enlarge.from_log(clients, api.url, LOG) == Enlarged(Growth(201, 7), Growth(2, 6))
    products, users = _items(clients, "products"), _items(clients, "users")
    assert products["85123A"]["priceCents"] == {"N": "295"}
    assert users["email#customer-17850@example.com"]["ownerId"] == {"S": "customer-17850"}
    assert products["product-001"]["name"] == {"S": "Alder Headphones"}

    assert enlarge.from_log(clients, api.url, LOG) == Enlarged(Growth(208, 0), Growth(8, 0))
    assert (_items(clients, "products"), _items(clients, "users")) == (products, users)


@pytest.mark.parametrize("broken", ["stock", "products", "users"])
def test_log_that_was_interrupted_goes_on(
    api: ShopApi, clients: Clients, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    put = batches.put

    def break_off(dynamodb: Any, table: str, items: Any) -> None:
        put(dynamodb, table, items[: len(items) // 2] if table == broken else items)
        if table == broken:
            raise batches.ThrottledError("enough")

    enlarge.to_size(clients, api.url, 0, 0)
    monkeypatch.setattr(batches, "put", break_off)
    with pytest.raises(SeedError, match=r"enough\. Call it again: it goes on from there"):
        enlarge.from_log(clients, api.url, LOG)
    monkeypatch.setattr(batches, "put", put)

    enlarge.from_log(clients, api.url, LOG)

    products, stock, users = (_items(clients, table) for table in ("products", "stock", "users"))
    assert {each.product_id for each in LOG.products} <= products.keys() == stock.keys()
    for customer in LOG.customers:
        assert users[customer.user_id]["email"] == {"S": customer.email}
        assert users[f"email#{customer.email}"]["ownerId"] == {"S": customer.user_id}


def test_progress_is_told_by_the_thousand(api: ShopApi, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(enlarge, "_CHUNK", 10)
    enlarge.to_size(clients, api.url, 222, None, lambda what, how: told.append((what, how)))
    assert told[-3:] == [("products", "10 added"), ("products", "20 added"), ("products", "21 added")]
