"""What was sold in a period, put together from the figures."""

from collections.abc import Iterable

from analytics.domain import TOTAL, Tallies, Tally
from analytics.models import MinuteSales, ProductSales, Sales
from analytics.period import Period
from analytics.store import Figures

# An answer stays below 2 MB, of the 6 MB that Lambda allows.
MAX_MINUTES = 7 * 24 * 60
MAX_PRODUCTS = 10_000


def sold(figures: Figures, period: Period) -> Sales:
    """The sales of a period: the sums of all of it, at most the newest `MAX_MINUTES` with a sale, earliest first, and
    at most the `MAX_PRODUCTS` with the most revenue, strongest first.
    """
    total = sum((tallies.get(TOTAL, Tally()) for tallies in _parts(figures, period, products=False)), Tally())
    products = _together(_parts(figures, period, products=True))
    strongest = sorted(products.items(), key=lambda product: (-product[1].revenue_cents, product[0]))
    return Sales(
        orders=total.orders,
        units=total.units,
        revenue_cents=total.revenue_cents,
        by_minute=_by_minute(figures, period),
        by_product=[
            ProductSales(product_id=name, orders=each.orders, units=each.units, revenue_cents=each.revenue_cents)
            for name, each in strongest[:MAX_PRODUCTS]
        ],
    )


def _parts(figures: Figures, period: Period, *, products: bool) -> Iterable[Tallies]:
    for span in period.spans():
        for _, tallies in figures.read(span, products=products):
            yield tallies


def _together(parts: Iterable[Tallies]) -> dict[str, Tally]:
    sums: dict[str, Tally] = {}
    for tallies in parts:
        for name, tally in tallies.items():
            sums[name] = sums.get(name, Tally()) + tally
    return sums


def _by_minute(figures: Figures, period: Period) -> list[MinuteSales]:
    newest = [
        MinuteSales(
            minute=f"{minute}:00.000Z", orders=tally.orders, units=tally.units, revenue_cents=tally.revenue_cents
        )
        for minute, tallies in figures.read(period.minutes(), newest=MAX_MINUTES)
        if (tally := tallies.get(TOTAL))
    ]
    return newest[::-1]
