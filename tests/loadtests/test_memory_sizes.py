from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.cost import memory, prices
from loadtests.cost.memory import Advice, Measured

PRICES = prices.load()


def advice(billed: int, computed: int | None, *, now: int = 256, used: int | None = 90, count: int = 10) -> Advice:
    computing = None if computed is None else Decimal(computed)
    return memory.advise(Measured(count, Decimal(billed), now, computing, used), PRICES)


def test_function_that_waits_is_cheapest_in_the_smallest_size_that_holds_it() -> None:
    found = advice(1000, 0)
    assert found.cheapest.memory_mb == 128
    assert {size.mean_ms for size in found.sizes} == {(Decimal(100), Decimal(100))}
    assert found.balanced.memory_mb == 128


def test_computing_costs_the_same_at_each_size_up_to_a_processor() -> None:
    found = advice(1000, 1000)
    costs = {size.memory_mb: round(size.usd_per_million[0], 9) for size in found.sizes}
    assert len({costs[size] for size in (128, 256, 512, 1024, 1536, 1769)}) == 1
    assert costs[3008] > costs[1769]
    assert found.cheapest.memory_mb == 1769
    assert found.present.mean_ms[0] == Decimal(100) * 1769 / 256


def test_estimate_by_hand_for_a_function_that_does_both() -> None:
    """80 ms of waiting and 20 of computing at 256 MB, a seventh of a processor: 80 + 20 * 1769 / 256 ms."""
    size = advice(1000, 200).present
    assert float(size.mean_ms[0]) == pytest.approx(80 + 138.203125)
    assert float(size.usd_per_million[0]) == pytest.approx(0.218203125 * 0.25 * 16.6667 + 0.20)


@pytest.mark.parametrize(("used", "least"), [(106, 128), (107, 256), (214, 512), (3000, 256), (None, 256)])
def test_size_holds_a_function_with_a_fifth_to_spare(used: int | None, least: int) -> None:
    assert advice(100, 0, used=used, now=256).sizes[0].memory_mb == min(least, 256)


def test_smaller_sizes_are_not_advised_where_the_memory_is_unknown() -> None:
    assert advice(1000, 0, now=512, used=None).cheapest.memory_mb == 512


def test_unknown_computing_gives_two_bounds() -> None:
    size = advice(1000, None).present
    assert size.mean_ms == (Decimal(100), Decimal(100) * 1769 / 256)
    assert size.usd_per_million[0] < size.usd_per_million[1]


def test_function_without_invocations_or_size_has_no_advice() -> None:
    assert memory.measured({"requests": 0, "billed_ms": 0, "memory_mb": 128}) is None
    assert memory.measured({"requests": 3, "billed_ms": 9}) is None


def test_init_is_billed_and_takes_as_long_at_any_size() -> None:
    told = {"requests": 2, "billed_ms": 300, "memory_mb": 128, "init_ms": 110.5, "cpu_ms": 60.5, "init_cpu_ms": 99.5}
    found = memory.measured(told)
    assert found is not None
    assert (found.billed_ms, found.computed_ms) == (300, Decimal("60.5"))
    more = memory.measured({**told, "cpu_ms": 1000.0})
    assert more is not None
    assert more.computed_ms == Decimal("189.5")


@given(st.integers(1, 10**7), st.fractions(0, 1), st.integers(1, 10_000))
def test_larger_size_is_never_cheaper_nor_slower(billed: int, share: Fraction, count: int) -> None:
    sizes = advice(billed, round(billed * share), count=count).sizes
    costs = [round(size.usd_per_million[0], 12) for size in sizes]
    times = [size.mean_ms[0] for size in sizes]
    assert costs == sorted(costs)
    assert times == sorted(times, reverse=True)
