"""Recommendations: what sales and cancellations do to the counts, and what the route makes of them."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.dynamodb import BusyError
from common.order_stream import OrderChange
from recommendations import api
from recommendations.consumer import Counting, news_of
from recommendations.domain import PART, groups, moves, strongest
from recommendations.handler import handler
from tests.unit.functions.factories import Context, answer, api_event, stream_record, stream_record_with_unknown_fields
from tests.unit.functions.recommendations.direct import directly
from tests.unit.functions.recommendations.memory import MemoryAffinities

PRODUCTS = [f"p{n}" for n in range(6)]
BASKETS = st.lists(st.frozensets(st.sampled_from(PRODUCTS), min_size=1), min_size=1, max_size=8)


def change(order_id: str, before: str, after: str, *products: str) -> OrderChange:
    return OrderChange.of(stream_record(order_id, before, after, [(each, 1, 100) for each in products]))


def sold(order_id: str, *products: str) -> OrderChange:
    return change(order_id, "PENDING", "CONFIRMED", *products)


def taken_back(order_id: str, *products: str) -> OrderChange:
    return change(order_id, "CONFIRMED", "CANCELLED", *products)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[frozenset[str]], list[list[OrderChange]], list[bool | None]]:
    """Baskets that stay sold, and all that is told of them and of cancelled ones: any order, repeated, in batches."""
    baskets = draw(BASKETS)
    cancelled = draw(st.sets(st.sampled_from(range(len(baskets)))))
    told = [sold(str(n), *basket) for n, basket in enumerate(baskets)]
    told += [taken_back(str(n), *baskets[n]) for n in cancelled]
    told += draw(st.lists(st.sampled_from(told), max_size=10))
    told = draw(st.permutations(told))
    cuts = sorted(draw(st.sets(st.sampled_from(range(1, len(told) + 1)), max_size=4)) | {0, len(told)})
    batches = [told[start:end] for start, end in pairwise(cuts)]
    kept = [basket for n, basket in enumerate(baskets) if n not in cancelled]
    return kept, batches, draw(st.lists(st.sampled_from([True, False, None]), max_size=6))


@given(deliveries())
def test_scores_are_those_of_a_direct_computation_after_repeats_reordering_and_failures(
    run: tuple[list[frozenset[str]], list[list[OrderChange]], list[bool | None]],
) -> None:
    baskets, batches, failures = run
    store = MemoryAffinities(fails=failures)
    for batch in batches:
        while True:
            try:
                Counting(store).on_changes(batch)
                break
            except BusyError:
                continue
    for product in PRODUCTS:
        assert strongest(product, store.together.get(product, {}), store.sold) == directly(product, baskets)


def test_records_of_a_later_version_count_as_well() -> None:
    store = MemoryAffinities()
    items = [("p0", 1, 100), ("p1", 1, 100)]
    for before, after, count in (("PENDING", "CONFIRMED", 1), ("CONFIRMED", "CANCELLED", 0)):
        record = stream_record_with_unknown_fields(stream_record("o", before, after, items))
        Counting(store).on_changes([OrderChange.of(record)])
        assert store.sold == {"p0": count, "p1": count}


def test_largest_order_is_written_in_two_parts_that_fit() -> None:
    products = [f"{n:03}" for n in range(100)]
    store = MemoryAffinities()
    Counting(store).on_changes([sold("o", *products)])
    assert store.writes == [2 * PART + 1] * 2
    assert {len(neighbours) for neighbours in store.together.values()} == {99}
    assert strongest("000", store.together["000"], store.sold) == [(each, 1.0) for each in products[1:31]]


@given(BASKETS, st.integers(3, 20), st.integers(6, 12))
def test_groups_hold_all_moves_in_their_order_and_no_more_than_fits(
    baskets: list[frozenset[str]], fits: int, most_neighbours: int
) -> None:
    news = [each for n, basket in enumerate(baskets) for each in news_of(sold(str(n), *basket))]
    wanted = moves(news, {})
    found = list(groups(wanted, fits, most_neighbours))
    assert [move for group in found for move in group.moves] == wanted
    for group in found:
        assert len(group.moves) == 1 or len(group.moves) + 2 * len(group.sold) <= fits


@pytest.fixture
def store() -> Iterator[MemoryAffinities]:
    """The counts, also behind the API: p0 to p5 are of one category, other of another."""
    memory = MemoryAffinities(dict.fromkeys(PRODUCTS, "cups") | {"other": "bags", "lonely": "hats"})
    api.app.dependency_overrides[api.affinities] = lambda: memory
    yield memory
    api.app.dependency_overrides.clear()


def recommended(product: str) -> Any:
    status, body = answer(handler(api_event("GET", f"/products/{product}/recommendations"), Context()))
    return [(each["productId"], each["score"]) for each in body["items"]] if status == 200 else status


def test_strongest_comes_first(store: MemoryAffinities) -> None:
    orders = [("p0", "p1"), ("p0", "p1", "p2"), ("p2",), ("p2", "p3"), ("p0", "p2")]
    Counting(store).on_changes([sold(str(n), *basket) for n, basket in enumerate(orders)])
    assert recommended("p0") == [("p1", 0.816497), ("p2", 0.57735)]
    assert recommended("p1") == [("p0", 0.816497), ("p2", 0.353553)]


def test_cold_product_gets_the_best_sellers_of_its_category(store: MemoryAffinities) -> None:
    Counting(store).on_changes([sold("a", "p1"), sold("b", "p2", "other"), sold("c", "p2"), sold("d", "p0")])
    assert recommended("p0") == [("p2", 0.0), ("p1", 0.0)]
    assert recommended("lonely") == []


def test_product_whose_only_order_was_cancelled_is_cold_again(store: MemoryAffinities) -> None:
    Counting(store).on_changes([sold("a", "p1", "p2"), sold("b", "p3")])
    assert recommended("p1") == [("p2", 1.0)]
    Counting(store).on_changes([taken_back("a", "p1", "p2")])
    assert recommended("p1") == [("p3", 0.0)]


def test_deleted_products_are_recommended_no_more_and_others_take_their_place(store: MemoryAffinities) -> None:
    others = [f"q{number:02}" for number in range(25)]
    store.categories |= dict.fromkeys(others, "pots")
    Counting(store).on_changes([sold("a", "p0", *others), sold("b", "p1", "p2"), sold("c", "p3")])
    for deleted in (*others[:3], "p2"):
        del store.categories[deleted]
    assert recommended("p0") == [(each, 1.0) for each in others[3:23]]
    assert recommended("p1") == [("p0", 0.0), ("p3", 0.0)]


def test_unknown_product_is_404(store: MemoryAffinities) -> None:
    assert recommended("nothing") == 404


def test_handler_answers_a_batch_of_the_stream_with_what_failed() -> None:
    assert handler({"Records": []}, Context()) == {"batchItemFailures": []}
