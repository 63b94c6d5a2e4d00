from __future__ import annotations

from collections import Counter

from tests.loadtests.shop_http import open_shop
from tests.loadtests.test_scenarios import journey_of


def test_each_arrival_is_one_read_that_should_leave_at_once() -> None:
    http = open_shop()
    http.answers["/products/p-0"].content = b"{}"
    visitors = journey_of("catalog", http, [])
    for at in range(200):
        visitors.prepare(float(at))
        visitors.iterate(float(at))
    assert [sent["context"] for sent in http.sent] == [
        {"arrival": float(at), "intended": float(at)} for at in range(200)
    ]
    counted = Counter(http.asked)
    assert set(counted) == {"GET /products/{productId}", "GET /products?category={category}"}
    assert min(counted.values()) > 50


def test_names_of_categories_are_escaped() -> None:
    http = open_shop()
    visitors = journey_of("catalog", http, [])
    for at in range(50):
        visitors.iterate(float(at))
    asked = {sent["url"] for sent in http.sent if "category" in sent["url"]}
    assert asked == {"/products?category=c%200", "/products?category=c%201"}
