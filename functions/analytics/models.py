"""What the API of analytics gives."""

from common.model import Model


class MinuteSales(Model):
    """What was sold in one minute."""

    minute: str
    orders: int
    units: int
    revenue_cents: int


class ProductSales(Model):
    """What was sold of one product: `orders` are those that have it."""

    product_id: str
    orders: int
    units: int
    revenue_cents: int


class Sales(Model):
    """`GET /analytics/sales`: confirmed orders that are not cancelled, each in the minute of its confirmation."""

    orders: int
    units: int
    revenue_cents: int
    by_minute: list[MinuteSales]
    by_product: list[ProductSales]
