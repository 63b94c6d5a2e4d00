"""What counts, however often and in whichever order it is heard of."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain import Change, Key, Level, Standing, Tally, transactions
from analytics.period import Period
from analytics.sales import sold
from analytics.store import written
from tests.unit.functions.analytics.memory import MINUTE, MemoryFigures, cancelled, confirmed

MINUTES = ["2026-11-21T23:59", "2026-11-22T00:00", "2026-11-22T10:15", "2026-11-24T07:30"]


@st.composite
def orders(draw: st.DrawFn) -> list[tuple[Change, bool]]:
    """Different orders, and whether each is cancelled in the end."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        names = draw(st.lists(st.sampled_from(["p1", "p2", "p3", "ä"]), min_size=1, unique=True))
        products = {name: Tally(1, draw(st.integers(1, 10_000)), draw(st.integers(1, 10**12))) for name in names}
        change = Change(f"order-{number}", draw(st.sampled_from(MINUTES)), products, Standing.COUNTED)
        found.append((change, draw(st.booleans())))
    return found


def heard(draw: st.DataObject, wanted: Sequence[tuple[Change, bool]]) -> list[list[Change]]:
    """All changes of the orders, some of them again, in any order, cut into batches anywhere."""
    every = [change for change, _ in wanted] + [cancelled(change) for change, gone in wanted if gone]
    again = draw.draw(st.lists(st.sampled_from(every), max_size=10)) if every else []
    mixed = draw.draw(st.permutations(every + again))
    size = draw.draw(st.integers(1, 7))
    return [list(mixed[start : start + size]) for start in range(0, len(mixed), size)]


@given(orders(), st.data())
def test_sums_are_those_of_the_orders_after_repeats_and_reordering(
    wanted: list[tuple[Change, bool]], data: st.DataObject
) -> None:
    figures = MemoryFigures()
    for batch in heard(data, wanted):
        for group in transactions(batch):
            figures.count(group)

    sales = sold(figures, Period())

    standing = [change for change, gone in wanted if not gone]
    assert sales.orders == len(standing)
    assert sales.units == sum(tally.units for change in standing for tally in change.products.values())
    assert sales.revenue_cents == sum(tally.revenue_cents for change in standing for tally in change.products.values())
    by_minute: Counter[str] = Counter(change.minute for change in standing)
    assert {row.minute[:16]: row.orders for row in sales.by_minute} == by_minute
    for rows in (sales.by_minute, sales.by_product):
        assert sum(row.units for row in rows) == sales.units
        assert sum(row.revenue_cents for row in rows) == sales.revenue_cents
    assert [row.minute for row in sales.by_minute] == sorted(row.minute for row in sales.by_minute)
    strengths = [(-row.revenue_cents, row.product_id) for row in sales.by_product]
    assert strengths == sorted(strengths)


@given(orders(), st.sampled_from(MINUTES), st.sampled_from(MINUTES))
def test_part_of_the_time_is_the_sum_of_its_minutes(wanted: list[tuple[Change, bool]], start: str, end: str) -> None:
    figures = MemoryFigures()
    for change, _ in wanted:
        figures.count([change])

    sales = sold(figures, Period(start, end))

    inside = [change for change, _ in wanted if start <= change.minute < end]
    assert sales.orders == len(inside) == sum(row.orders for row in sales.by_minute)
    assert sales.revenue_cents == sum(row.revenue_cents for row in sales.by_product)


@pytest.mark.parametrize(("level", "products"), [(Level.DAY_PRODUCTS, 38_000), (Level.MINUTE_PRODUCTS, 9_500)])
def test_products_of_a_time_fit_into_its_items(level: str, products: int) -> None:
    figures: defaultdict[Key, dict[str, Tally]] = defaultdict(dict)
    for number in range(products):
        change = confirmed("o1", **{f"{number:064}": (100, 99_999)})
        for key, name, tally in change.tallies():
            if key.level == level:
                figures[key][name] = tally
    assert max(len(written(tallies)) for tallies in figures.values()) < 400 * 1024 - 200


def test_cancellation_that_is_heard_of_first_keeps_the_order_from_counting() -> None:
    figures = MemoryFigures()
    order = confirmed("o1")
    assert [figures.count([each]) for each in (cancelled(order), order, order)] == [1, 0, 0]
    assert sold(figures, Period()).orders == 0


def test_orders_of_one_minute_share_their_figures_in_a_transaction() -> None:
    groups = list(transactions(confirmed(f"o{number}") for number in range(200)))
    assert [len(group) for group in groups] == [96, 96, 8]


def test_order_of_a_hundred_products_fits_into_a_transaction() -> None:
    order = confirmed("o1", MINUTE, **{f"p{number}": (1, 1) for number in range(100)})
    assert 1 + len(order.keys()) == 13
    others = [
        confirmed(f"o{day}", f"2026-11-{day}T10:15", **{f"p{n}": (1, 1) for n in range(100)}) for day in range(10, 30)
    ]
    assert [len(group) for group in transactions([*others, order])] == [7, 7, 7]
