from __future__ import annotations

import json
import random

import pytest

from loadtests.errors import SetupError
from loadtests.records import Placed
from loadtests.scenarios.order import SCENARIO, OrderJourney
from tests.loadtests.shop_http import Answer, RecordedHttp, answer, open_shop, product


def journey(http: RecordedHttp, placed: list[Placed]) -> OrderJourney:
    shop = SCENARIO.open(http)
    http.sent.clear()
    return SCENARIO.journey(http, shop, "lt-1-", placed.append, seed=3)


def test_shop_sells_only_what_does_not_run_out() -> None:
    shop = SCENARIO.open(open_shop())
    assert shop["products"] == [f"p-{i}" for i in range(5)]
    assert shop["session"]["token"] == "t"


@pytest.mark.parametrize(
    "changes",
    [
        {"login": answer(401, {})},
        {"login": Answer(0, None)},
        {"login": answer(200, {"token": None})},
        {"products": answer(200, {"items": []})},
        {"products": answer(200, {"items": [product("flash-1", 100)]})},
        {"products": Answer(502, b"<html>")},
    ],
)
def test_shop_that_cannot_be_ordered_from_is_a_setup_error(changes: dict[str, Answer]) -> None:
    with pytest.raises(SetupError):
        SCENARIO.open(open_shop(**changes))


def test_orders_are_valid_and_carry_ids_of_their_own() -> None:
    http, placed = open_shop(), list[Placed]()
    shopper = journey(http, placed)
    for at in range(50):
        shopper.iterate(float(at))
    for sent in http.sent:
        items = json.loads(sent["data"])["items"]
        assert 1 <= len({line["productId"] for line in items}) == len(items) <= 3
        assert all(1 <= line["quantity"] <= 3 for line in items)
        assert sent["headers"]["Authorization"] == "Bearer t"
        assert len(sent["headers"]["X-Correlation-Id"]) <= 64
        assert sent["context"]["arrival"] == sent["context"]["intended"]
    assert len({order.correlation_id for order in placed}) == 50
    assert [order.intended for order in placed] == [float(at) for at in range(50)]
    assert all(order.correlation_id.startswith("lt-1-3-") for order in placed)


@pytest.mark.parametrize(
    "reply",
    [answer(500, {}), Answer(0, None), answer(202, {}), answer(202, {"orderId": 7}), Answer(202, b"hm")],
)
def test_order_without_a_proper_202_is_a_failure_and_not_accepted(reply: Answer) -> None:
    http, placed = open_shop(orders=reply), list[Placed]()
    journey(http, placed).iterate(1.0)
    assert reply.failed is not None
    assert placed[0].order_id is None


def test_browsing_looks_at_the_list_and_at_a_product() -> None:
    http = open_shop()
    journey(http, []).prepare(1.0)
    assert [(sent["method"], sent["name"]) for sent in http.sent] == [
        ("GET", "/products"),
        ("GET", "/products/{productId}"),
    ]


def test_token_is_renewed_before_it_expires() -> None:
    http, placed = open_shop(), list[Placed]()
    shopper = journey(http, placed)
    shopper.session.expires_at = 0.0
    http.answers["/users/login"] = answer(200, {"token": "fresh", "expiresIn": 3600, "userId": "u"})
    shopper.prepare(1.0)
    shopper.iterate(1.0)
    assert http.sent[-1]["headers"]["Authorization"] == "Bearer fresh"
    assert sum(sent["url"] == "/users/login" for sent in http.sent) == 1


def test_token_that_cannot_be_renewed_is_kept_for_the_time_being() -> None:
    http = open_shop()
    shopper = journey(http, [])
    shopper.session.expires_at = 0.0
    http.answers["/users/login"] = Answer(0, None)
    shopper.prepare(1.0)
    shopper.prepare(2.0)
    assert shopper.session.token == "t"
    assert sum(sent["url"] == "/users/login" for sent in http.sent) == 1


def test_journeys_of_one_seed_choose_alike() -> None:
    assert random.Random(3).random() == journey(open_shop(), []).choice.random()
