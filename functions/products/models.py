"""What the API of products gives."""

from pydantic import Field

from common.model import Model


class Product(Model):
    """One product; `stock` is what can still be bought, `thumbnail_url` is left out until there is one."""

    product_id: str
    name: str
    category: str
    price_cents: int
    stock: int
    description: str
    thumbnail_url: str | None = Field(default=None, exclude_if=lambda url: url is None)
