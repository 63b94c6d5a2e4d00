from __future__ import annotations

import json

import pytest

from loadtests.errors import SetupError
from loadtests.records import Placed
from loadtests.scenarios.flash_sale import SCENARIO
from tests.loadtests.shop_http import Answer, answer, open_shop, product
from tests.loadtests.test_scenarios import journey_of


def test_opening_sets_the_stock_and_nothing_else_of_the_product() -> None:
    flash = {**product("flash-1", 3), "description": "long", "priceCents": 999}
    http = open_shop(flash=answer(200, flash))
    SCENARIO.open(http)
    (put,) = [sent for sent in http.sent if sent["method"] == "PUT"]
    assert json.loads(put["data"]) == {
        "name": "x", "category": "c", "priceCents": 999, "stock": 100, "description": "long"
    }  # fmt: skip
    admin, customer = (json.loads(sent["data"])["email"] for sent in http.sent if sent["name"] == "/users/login")
    assert (admin, customer) == ("admin@example.com", "demo@example.com")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"login": answer(401, {})}, "cannot log in as admin"),
        ({"flash": answer(404, {})}, "no product flash-1"),
        ({"on_sale": answer(403, {})}, "PUT /products/flash-1 answered 403"),
        ({"on_sale": Answer(0, None)}, "PUT /products/flash-1 answered nothing"),
    ],
)
def test_shop_without_a_sale_is_a_setup_error(changes: dict[str, Answer], told: str) -> None:
    with pytest.raises(SetupError, match=told):
        SCENARIO.open(open_shop(**changes))


def test_everybody_wants_one() -> None:
    http, placed = open_shop(), list[Placed]()
    sale = journey_of("flash-sale", http, placed)
    sale.prepare(1.0)
    sale.iterate(1.0)
    assert http.asked == ["GET /products/{productId}", "POST /orders"]
    assert json.loads(http.sent[-1]["data"])["items"] == [{"productId": "flash-1", "quantity": 1}]


def test_closing_tells_what_is_left() -> None:
    http = open_shop(flash=answer(200, product("flash-1", 7)))
    assert SCENARIO.close(http, {}, []) == {"productId": "flash-1", "before": 100, "after": 7}


@pytest.mark.parametrize("reply", [Answer(0, None), answer(500, {}), answer(200, {"stock": "many"})])
def test_shop_that_does_not_tell_what_is_left_is_none_the_worse(reply: Answer) -> None:
    assert SCENARIO.close(open_shop(flash=reply), {}, [])["after"] is None
