"""What the API of products takes and gives."""

from typing import Annotated

from pydantic import Field

from common.model import Model, RequestModel, Text
from products.domain import MAX_PRICE_CENTS, MAX_STOCK


class ProductRequest(RequestModel):
    """`POST /products`, `PUT /products/{productId}`: all of a product but its id. Numbers are strict, as in orders."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    category: Annotated[Text, Field(min_length=1, max_length=64)]
    price_cents: Annotated[int, Field(strict=True, ge=0, le=MAX_PRICE_CENTS)]
    stock: Annotated[int, Field(strict=True, ge=0, le=MAX_STOCK)]
    description: Annotated[Text, Field(max_length=2000)]


class Image(Model):
    """What is known of a product's picture: pixels, media type, size in bytes."""

    width: int
    height: int
    type: str
    bytes: int


class Product(Model):
    """One product; `stock` is what can still be bought, `image` and `thumbnailUrl` are left out until there is one."""

    product_id: str
    name: str
    category: str
    price_cents: int
    stock: int
    description: str
    image: Image | None = Field(default=None, exclude_if=lambda image: image is None)
    thumbnail_url: str | None = Field(default=None, exclude_if=lambda url: url is None)
