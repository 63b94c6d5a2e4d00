"""Routes of products. Both are open to everybody."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from common import aws
from common.errors import NotFoundError
from common.http import resolver
from common.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from products.models import Product
from products.store import CURSOR, Catalogue, DynamoCatalogue

app = resolver()


@cache
def catalogue() -> Catalogue:
    """The store, made once in an environment; tests override it."""
    return DynamoCatalogue(aws.dynamodb(), os.environ["PRODUCTS_TABLE"], os.environ["STOCK_TABLE"])


CatalogueStore = Annotated[Catalogue, Depends(catalogue)]
Category = Annotated[str | None, Query(min_length=1, max_length=64)]
ProductId = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/products")
def list_products(
    products: CatalogueStore, category: Category = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Product]:
    """One page of the products, of one category or of all. The order is stable, but means nothing."""
    found = products.page(category, limit, decode_cursor(cursor, CURSOR))
    return Page(items=[Product.model_validate(item) for item in found.items], cursor=encode_cursor(found.last))


@app.get("/products/<product_id>")
def get_product(product_id: ProductId, products: CatalogueStore) -> Product:
    """One product. 404 when there is none with this id."""
    item = products.get(product_id)
    if item is None:
        raise NotFoundError("There is no such product.")
    return Product.model_validate(item)
