"""The route of the sales and the page's files."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from analytics import api
from analytics.files import PAGE, read
from analytics.handler import handler
from tests.unit.functions.analytics.memory import MemoryFigures, cancelled, confirmed
from tests.unit.functions.factories import ADMIN, ALICE, Context, answer, api_event, bearer, details


@pytest.fixture
def figures() -> Iterator[MemoryFigures]:
    """What was sold, behind the API."""
    memory = MemoryFigures()
    api.app.dependency_overrides[api.figures] = lambda: memory
    yield memory
    api.app.dependency_overrides.clear()


def get(path: str = "/analytics/sales", headers: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
    """One request, an admin's where `headers` do not say otherwise; `start` stands for `from`."""
    names = {("from" if name == "start" else name): value for name, value in query.items()}
    event = api_event("GET", path, headers=bearer(ADMIN) if headers is None else headers, query=names or None)
    result: dict[str, Any] = handler(event, Context())
    return result


def test_sales_are_sums_minutes_and_products(figures: MemoryFigures) -> None:
    figures.count([confirmed("o1", p1=(2, 500), p2=(1, 700)), confirmed("o2", "2026-11-22T10:17", p1=(1, 250))])
    assert answer(get()) == (
        200,
        {
            "orders": 2,
            "units": 4,
            "revenueCents": 1450,
            "byMinute": [
                {"minute": "2026-11-22T10:15:00.000Z", "orders": 1, "units": 3, "revenueCents": 1200},
                {"minute": "2026-11-22T10:17:00.000Z", "orders": 1, "units": 1, "revenueCents": 250},
            ],
            "byProduct": [
                {"productId": "p1", "orders": 2, "units": 3, "revenueCents": 750},
                {"productId": "p2", "orders": 1, "units": 1, "revenueCents": 700},
            ],
        },
    )


def test_nothing_sold_is_all_zero(figures: MemoryFigures) -> None:
    assert answer(get()) == (200, {"orders": 0, "units": 0, "revenueCents": 0, "byMinute": [], "byProduct": []})


@pytest.mark.parametrize(
    ("start", "to", "orders"),
    [
        ("2026-11-22T10:15:00.000Z", "2026-11-22T10:16:00Z", 1),
        ("2026-11-22T10:15:59.999Z", "2026-11-22T10:16:00.001Z", 11),
        ("2026-11-22T10:16Z", "2026-11-23T10:16Z", 10),
        ("2026-11-22T11:15+01:00", "2026-11-22t09:17-01:00", 11),
        ("2026-11-22T10:17Z", "2026-11-22T10:17Z", 0),
        ("0001-01-01T00:00Z", "9999-12-31T23:59:59.999Z", 11),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 0),
    ],
)
def test_period_has_the_minutes_that_it_touches(figures: MemoryFigures, start: str, to: str, orders: int) -> None:
    figures.count([confirmed("first")])
    figures.count([confirmed(f"o{number}", "2026-11-22T10:16") for number in range(10)])
    assert answer(get(start=start, to=to))[1]["orders"] == orders


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-11-22",
        "2026-11-22T10:15",
        "2026-13-22T10:15Z",
        "1795256130",
        "2026-11-22 10:15Z",
        "0001-01-01T00:00+01:00",
        "٢٠٢٦-11-22T10:15Z",
    ],
)
@pytest.mark.parametrize("name", ["start", "to"])
def test_what_is_no_time_is_400_and_named(figures: MemoryFigures, name: str, text: str) -> None:
    assert details(get(**{name: text})).keys() == {"from" if name == "start" else "to"}


def test_end_before_the_start_is_400(figures: MemoryFigures) -> None:
    assert details(get(start="2026-11-22T10:15:01Z", to="2026-11-22T10:15:00Z")).keys() == {"to"}


def test_sales_are_for_admins(figures: MemoryFigures) -> None:
    assert get(headers={})["statusCode"] == 401
    assert get(headers=bearer(ALICE))["statusCode"] == 403


def test_page_is_open_to_all_and_names_only_its_own_files() -> None:
    page = get("/analytics/dashboard", {})
    assert (page["statusCode"], page["multiValueHeaders"]["Content-Type"]) == (200, ["text/html; charset=utf-8"])
    assert "script-src 'self'" in page["multiValueHeaders"]["Content-Security-Policy"][0]
    loaded = re.findall(r'(?:src|href)="(dashboard/[^"]+)"', page["body"])
    assert len(loaded) == 2
    for name in loaded:
        assert get(f"/analytics/{name}", {})["statusCode"] == 200
    script = read("dashboard.js")
    assert script is not None
    assert "http" not in page["body"] + script.text.replace("http://www.w3.org/2000/svg", "")
    assert get(f"/analytics/dashboard/{PAGE}x", {})["statusCode"] == 404


def test_minutes_that_were_taken_back_are_not_among_the_newest(
    figures: MemoryFigures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.sales.MAX_MINUTES", 2)
    for minute in range(4):
        figures.count([confirmed(f"o{minute}", f"2026-11-22T10:0{minute}")])
    figures.count([cancelled(confirmed("o3", "2026-11-22T10:03"))])
    sales = answer(get())[1]
    assert [row["minute"][14:16] for row in sales["byMinute"]] == ["01", "02"]
    assert sales["orders"] == 3
