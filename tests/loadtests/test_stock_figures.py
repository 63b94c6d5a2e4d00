from __future__ import annotations

from typing import Any

import pytest

from loadtests import times
from loadtests.figures import stock
from loadtests.orders import OrderBook
from loadtests.records import Placed
from tests.loadtests.test_summary import T0, result


def sold(before: int, after: int | None, **changes: Any) -> dict[str, Any]:
    """What is told of a run with twelve accepted orders, of which eleven were confirmed and one is lost."""
    outcome = {"productId": "flash-1", "before": before, "after": after}
    told = stock.told(result(outcome=outcome, **changes))
    assert told is not None
    return told


def test_other_scenarios_have_no_stock() -> None:
    assert stock.told(result()) is None
    assert stock.told(result(outcome={"something": "else"})) is None


def test_stock_that_went_to_those_who_were_first_is_in_order() -> None:
    told = sold(11, 0)
    assert (told["confirmed_units"], told["expected_units"]) == (11, 11)
    assert (told["difference"], told["unaccounted"]) == (0, 0)


def test_more_stock_than_orders_is_sold_to_all() -> None:
    told = sold(100, 89)
    assert (told["expected_units"], told["difference"]) == (12, -1)


def test_unit_that_nobody_bought_is_told() -> None:
    assert sold(100, 88)["unaccounted"] == 1


def test_unit_that_was_sold_twice_is_told() -> None:
    told = sold(10, 0)
    assert (told["difference"], told["unaccounted"]) == (1, -1)


def test_shop_that_did_not_tell_leaves_the_rest_unknown() -> None:
    told = sold(11, None)
    assert (told["after"], told["unaccounted"], told["difference"]) == (None, None, 0)


def test_order_whose_post_was_answered_by_a_failure_bought_all_the_same() -> None:
    book = OrderBook("lt-")
    for number, (status, order_id) in enumerate([(202, "o-0"), (504, None), (504, None)]):
        book.place(Placed(f"lt-{number}", T0, T0, T0 + 1, status, order_id))
    for number in (0, 1):
        at = times.render(T0 + 2)
        book.hear({"orderId": f"o-{number}", "correlationId": f"lt-{number}", "stage": "confirmed", "at": at})
    told = sold(100, 98, orders=list(book))
    assert (told["confirmed_units"], told["expected_units"]) == (2, 2)
    assert (told["difference"], told["unaccounted"]) == (0, 0)


@pytest.mark.parametrize("key", ["difference", "unaccounted"])
def test_interrupted_run_does_not_know_what_became_of_all(key: str) -> None:
    assert sold(11, 0, state="interrupted")[key] is None
