from __future__ import annotations

import json
import time

import gevent
import pytest

from loadtests.errors import SetupError
from loadtests.records import Placed
from loadtests.scenarios.checkout import SCENARIO, CheckoutJourney
from tests.loadtests.shop_http import Answer, RecordedHttp, answer, open_shop
from tests.loadtests.test_scenarios import journey_of


def checkouts(http: RecordedHttp, placed: list[Placed], at_once: int = 1) -> CheckoutJourney:
    journey = journey_of("checkout", http, placed, at_once=at_once)
    assert isinstance(journey, CheckoutJourney)
    return journey


def users(http: RecordedHttp, method: str) -> list[str]:
    """Whose carts were filled (PUT) or checked out (POST): an answer to a log-in names the user in the token."""
    return [
        sent["headers"]["Authorization"] for sent in http.sent if sent["method"] == method and "cart" in sent["url"]
    ]


class EveryUserTheirOwnToken(RecordedHttp):
    """A shop whose tokens are the users' addresses."""

    def request(self, method: str, url: str, **options: object) -> object:  # type: ignore[override]
        if url == "/users/login":
            email = json.loads(str(options["data"]))["email"]
            self.answers[url] = answer(200, {"token": email, "expiresIn": 100, "userId": email})
        return super().request(method, url, **options)


def own_tokens() -> EveryUserTheirOwnToken:
    return EveryUserTheirOwnToken(open_shop().answers)


def test_shopper_browses_fills_a_cart_and_checks_out() -> None:
    http, placed = open_shop(), list[Placed]()
    shopper = checkouts(http, placed)
    shopper.prepare(1.0)
    put = [sent for sent in http.sent if sent["method"] == "PUT"]
    assert http.asked == [
        "GET /products", "GET /products/{productId}", *["PUT /cart/items/{productId}"] * len(put)
    ]  # fmt: skip
    assert 1 <= len({sent["url"] for sent in put}) == len(put) <= 3
    assert all(1 <= json.loads(sent["data"])["quantity"] <= 3 for sent in put)
    shopper.iterate(1.0)
    assert http.asked[-1] == "POST /cart/checkout"
    assert json.loads(http.sent[-1]["data"]) == {"payment": {"method": "card", "token": "tok_ok"}}


def test_shoppers_under_way_are_users_of_their_own() -> None:
    http, placed = own_tokens(), list[Placed]()
    shopper = checkouts(http, placed, at_once=3)
    for at in (1.0, 2.0, 3.0):
        shopper.prepare(at)
    for at in (1.0, 2.0, 3.0):
        shopper.iterate(at)
    assert len(set(users(http, "POST"))) == 3
    assert list(dict.fromkeys(users(http, "PUT"))) == users(http, "POST")
    assert "POST /users" not in http.asked


def test_user_who_has_checked_out_shops_again() -> None:
    http, placed = own_tokens(), list[Placed]()
    shopper = checkouts(http, placed)
    for at in (1.0, 2.0):
        shopper.prepare(at)
        shopper.iterate(at)
    assert len(set(users(http, "POST"))) == 1
    assert len(placed) == 2


def test_more_shoppers_than_users_register() -> None:
    http, placed = own_tokens(), list[Placed]()
    shopper = checkouts(http, placed, at_once=1)
    for at in (1.0, 2.0):
        shopper.prepare(at)
    assert http.asked.count("POST /users") == 1
    for at in (1.0, 2.0):
        shopper.iterate(at)
    assert len(set(users(http, "POST"))) == 2


def test_checkout_that_nobody_prepared_fills_its_cart_itself() -> None:
    http, placed = open_shop(), list[Placed]()
    checkouts(http, placed).iterate(1.0)
    assert http.asked[0] == "PUT /cart/items/{productId}"
    assert placed[0].order_id == "o-1"


def test_checkout_waits_for_its_cart_and_counts_from_its_arrival() -> None:
    http, placed = open_shop(), list[Placed]()
    shopper = checkouts(http, placed)
    put, go_on = gevent.event.Event(), gevent.event.Event()
    fill = shopper._put

    def slow(*arguments: object) -> None:
        put.set()
        go_on.wait()
        fill(*arguments)  # type: ignore[arg-type]

    shopper._put = slow  # type: ignore[method-assign]
    preparing = gevent.spawn(shopper.prepare, 1.0)
    put.wait()
    iterating = gevent.spawn(shopper.iterate, 1.0)
    gevent.idle()
    assert "POST /cart/checkout" not in http.asked
    checked_out = time.time()
    go_on.set()
    gevent.joinall([preparing, iterating], raise_error=True)
    assert http.asked[-1] == "POST /cart/checkout"
    assert placed[0].intended == 1.0
    assert placed[0].sent < checked_out < placed[0].answered


def test_order_of_somebody_who_could_not_register_was_not_accepted() -> None:
    http, placed = open_shop(), list[Placed]()
    shopper = checkouts(http, placed)
    shopper.prepare(1.0)
    http.answers["/users"] = answer(503, {})
    shopper.prepare(2.0)
    shopper.iterate(1.0)
    shopper.iterate(2.0)
    assert [(order.intended, order.order_id) for order in placed] == [(1.0, "o-1"), (2.0, None)]
    assert http.asked.count("POST /cart/checkout") == 1


@pytest.mark.parametrize("reply", [answer(503, {}), Answer(0, None)])
def test_shop_that_takes_no_customers_is_a_setup_error(reply: Answer) -> None:
    with pytest.raises(SetupError, match="cannot register"):
        SCENARIO.open(open_shop(registration=reply))
