"""The journey of a replay at a shop without a network, and what is asked of the shop before and after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import pytest

from loadtests import scenarios
from loadtests.arrivals.schedule import Share
from loadtests.errors import SetupError, UsageError
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Placed
from loadtests.scenarios.base import Divisible, Timed
from loadtests.scenarios.replay import Customers, Replay, of
from loadtests.scenarios.sales import FOLLOWS_S, Sales, sold_since, told_by_analytics
from tests.loadtests.order_logs import row, written
from tests.loadtests.shop_http import Answer, RecordedHttp, answer, open_shop, product

START = 1_800_000_000.25


def plan(path: Path) -> Plan:
    rows = [
        row("1", quantity="2"),
        row("1", code="B2"),
        row("2", "2010-12-01 08:28:00", CustomerID=""),
        row("3", "2010-12-01 08:30:00", code="B2", quantity="7"),
        row("4", "2010-12-01 08:31:00", CustomerID="12346"),
    ]
    log = str(written(path / "log.csv", rows))
    return Plan("replay", "http://127.0.0.1:4566", 1.0, None, 1.0, 0.0, 30.0, 1, log=log)


def sales(orders: int, cents: int) -> Answer:
    return answer(200, {"orders": orders, "units": 0, "revenueCents": cents, "byMinute": [], "byProduct": []})


def shop_of_the_log(**changes: Answer) -> RecordedHttp:
    """Both products, at 100 cents each, on two pages."""
    http = open_shop(orders=answer(202, {"orderId": "o-1", "totalCents": 300}), **changes)
    http.answers |= {"/analytics/sales": sales(1, 50)}
    http.answers |= {f"/products/{name}": answer(200, product(name)) for name in ("A1", "B2")}
    if "products" not in changes:
        http.answers["/products"] = answer(200, {"items": [product("A1"), product("B2")]})
    return http


def opened(path: Path, http: RecordedHttp) -> tuple[Replay, dict[str, Any]]:
    scenario = replace(of(plan(path)), pause=lambda _: None)
    shop: dict[str, Any] = json.loads(json.dumps(scenario.open(http)))
    http.sent.clear()
    return scenario, shop


def confirmed(number: int) -> Order:
    placed = Placed(f"lt-1-0-{number}", START, START, START, 202, f"o-{number}")
    return Order(placed.correlation_id, placed, {f"o-{number}": {"accepted": START, "confirmed": START + 1}})


def test_each_arrival_orders_what_the_log_has_then(tmp_path: Path) -> None:
    http, placed = shop_of_the_log(), list[Placed]()
    scenario, shop = opened(tmp_path, http)
    journey = scenario.journey(http, shop, "lt-1-", placed.append, 0)
    journey.begin(START)
    instants = scenario.schedule(1.0, 1.0).instants
    for number in (0, 2, 3, 1):  # a dropped arrival moves no other
        journey.prepare(START + instants[number])
        journey.iterate(START + instants[number])
    assert [order.correlation_id for order in placed] == [f"lt-1-0-{number}" for number in (0, 2, 3, 1)]
    bodies = [json.loads(sent["data"]) for sent in http.sent if sent["url"] == "/orders"]
    assert [body["items"] for body in bodies] == [
        [{"productId": "A1", "quantity": 2}, {"productId": "B2", "quantity": 1}],
        [{"productId": "B2", "quantity": 7}],
        [{"productId": "A1", "quantity": 1}],
        [{"productId": "A1", "quantity": 1}],
    ]
    logins = [json.loads(sent["data"])["email"] for sent in http.sent if sent["url"] == "/users/login"]
    assert logins == ["customer-17850@example.com", "customer-12346@example.com"]
    measured = [sent["context"] for sent in http.sent if sent["url"] == "/orders"]
    assert [each["arrival"] for each in measured] == [START + instants[number] for number in (0, 2, 3, 1)]


def test_total_that_is_not_the_baskets_is_a_failure(tmp_path: Path) -> None:
    http = shop_of_the_log()
    scenario, shop = opened(tmp_path, http)
    journey = scenario.journey(http, shop, "lt-1-", lambda _: None, 0)
    journey.begin(START)
    instants = scenario.schedule(1.0, 1.0).instants
    journey.iterate(START + instants[0])
    assert http.answers["/orders"].failed is None
    journey.iterate(START + instants[2])
    assert http.answers["/orders"].failed == "a total of 300 cents instead of 700"


def test_customer_whom_the_shop_does_not_let_in_sends_no_order(tmp_path: Path) -> None:
    http, placed = shop_of_the_log(), list[Placed]()
    scenario, shop = opened(tmp_path, http)
    http.answers["/users/login"] = answer(401, {})
    journey = scenario.journey(http, shop, "lt-1-", placed.append, 0)
    journey.begin(START)
    journey.prepare(START)
    journey.iterate(START)
    assert [(each.http_status, each.order_id) for each in placed] == [(0, None)]
    assert "POST /orders" not in http.asked


class SlowHttp(RecordedHttp):
    """Lets others run before it answers."""

    def request(self, method: str, url: str, **options: Any) -> AbstractContextManager[Answer]:
        gevent.sleep(0)
        return super().request(method, url, **options)


@pytest.mark.parametrize(("status", "logins"), [(401, 3), (200, 1)])
def test_customer_whom_several_wait_for_is_logged_in_by_one_at_a_time(status: int, logins: int) -> None:
    http = SlowHttp({"/users/login": answer(status, {"token": "t", "expiresIn": 100, "userId": "u"})})
    customers = Customers(http, {})
    waiting = [gevent.spawn(customers.session, "customer-1", START) for _ in range(3)]
    gevent.joinall(waiting, raise_error=True)
    assert [each.value is not None for each in waiting] == [status == 200] * 3
    assert len(http.sent) == logins


def test_processes_get_their_own_baskets_and_know_all_instants(tmp_path: Path) -> None:
    scenario, shop = opened(tmp_path, shop_of_the_log())
    parts = [scenario.part(shop, Share(index, 3)) for index in range(3)]
    assert sorted(number for part in parts for number, *_ in part["baskets"]) == [0, 1, 2, 3]
    instants = scenario.schedule(1.0, 1.0).instants
    for index, part in enumerate(parts):
        elsewhere = scenarios.of(replace(plan(tmp_path), log="not on this machine.csv"), part)
        mine = list(elsewhere.schedule(1.0, 1.0).offsets(share=Share(index, 3)))
        assert mine == [instants[number] for number, *_ in part["baskets"]]


def test_harness_knows_it_for_what_it_is(tmp_path: Path) -> None:
    scenario, shop = opened(tmp_path, shop_of_the_log())
    assert isinstance(scenario, Divisible)
    assert isinstance(scenario.journey(shop_of_the_log(), shop, "lt-", lambda _: None, 0), Timed)
    assert not isinstance(scenarios.load("order"), Divisible)


def test_shop_without_the_products_is_told_with_what_adds_them(tmp_path: Path) -> None:
    lacking = shop_of_the_log(products=answer(200, {"items": [product("A1")]}))
    with pytest.raises(
        SetupError, match=r"^1 of the 2 products .* such as B2: make seed FROM=.*log\.csv ENDPOINT=http:"
    ):
        of(plan(tmp_path)).open(lacking)
    with pytest.raises(SetupError, match=r"GET /products answered 500: the catalogue cannot be read"):
        of(plan(tmp_path)).open(shop_of_the_log(products=answer(500, {})))
    silent = shop_of_the_log()
    silent.answers["/analytics/sales"] = answer(403, {})
    with pytest.raises(SetupError, match=r"analytics tells admin@example\.com no sales"):
        of(plan(tmp_path)).open(silent)


def test_replay_of_no_log_is_refused() -> None:
    with pytest.raises(UsageError, match="SCENARIO=replay plays an order log"):
        scenarios.check_load(Plan("replay", "http://127.0.0.1:4566", 1.0, None, 1.0, 0.0, 30.0, 1))


def test_revenue_is_that_of_the_confirmed_orders_and_what_analytics_has_more(tmp_path: Path) -> None:
    http = shop_of_the_log()
    scenario, shop = opened(tmp_path, http)
    http.answers["/analytics/sales"] = sales(3, 1050)
    lost = Order("lt-1-0-1", confirmed(1).placed, {"o-1": {"accepted": START}})
    told = scenario.close(http, shop, [confirmed(0), lost, confirmed(2)])
    assert told == {"confirmed": {"orders": 2, "cents": 1000}, "analytics": {"orders": 2, "cents": 1000}}


class Books:
    """What analytics tells after each pause, the last from then on; the time goes on by the pauses alone."""

    def __init__(self, http: RecordedHttp, *books: Answer) -> None:
        self.now = 0.0
        self._http = http
        self._books = list(books)

    def pause(self, seconds: float) -> None:
        self.now += seconds
        if self._books:
            self._http.answers["/analytics/sales"] = self._books.pop(0)

    @property
    def clock(self) -> dict[str, Callable[..., Any]]:
        return {"pause": self.pause, "now": lambda: self.now}


BEFORE = Sales("2026-11-21T10:15:30.000Z", 1, 50)


def test_analytics_is_waited_for_as_long_as_it_follows() -> None:
    http = shop_of_the_log()
    books = Books(http, sales(1, 50), sales(2, 150), sales(3, 250))
    told = told_by_analytics(http, BEFORE, 2, 200, **books.clock)
    assert told["analytics"] == {"orders": 2, "cents": 200}
    assert books.now < 2


def test_analytics_that_tells_nothing_is_waited_for_and_given_up() -> None:
    http = shop_of_the_log()
    books = Books(http, *[answer(500, {})] * 2)
    http.answers["/analytics/sales"] = answer(500, {})
    assert told_by_analytics(http, BEFORE, 0, 0, **books.clock)["analytics"] is None
    assert books.now == pytest.approx(FOLLOWS_S, abs=0.5)


def test_sale_that_is_booked_twice_is_told_also_where_the_second_time_is_later() -> None:
    http = shop_of_the_log()
    books = Books(http, sales(3, 250), sales(4, 350))
    assert told_by_analytics(http, BEFORE, 2, 200, **books.clock)["analytics"] == {"orders": 3, "cents": 300}


def test_what_was_sold_before_is_told_when_it_no_longer_changes() -> None:
    http = shop_of_the_log()
    books = Books(http, sales(2, 150))
    found = sold_since(http, **books.clock)
    assert (found.orders, found.revenue_cents) == (2, 150)
    assert books.now == 2
