"""Routes of products: everybody reads them, admins change them."""

import os
import uuid
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from common import aws
from common.errors import NotFoundError
from common.http import ADMIN, raises, resolver
from common.log import logger
from common.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from products.domain import EditConflictError
from products.models import Product, ProductRequest
from products.store import CURSOR, Catalogue, DynamoCatalogue
from products.thumbnails import Thumbnails

app = resolver()


@cache
def catalogue() -> Catalogue:
    """The store, made once in an environment; tests override it."""
    return DynamoCatalogue(aws.dynamodb(), os.environ["PRODUCTS_TABLE"], os.environ["STOCK_TABLE"])


CatalogueStore = Annotated[Catalogue, Depends(catalogue)]
Category = Annotated[str | None, Query(min_length=1, max_length=64)]
ProductId = Annotated[str, Path(min_length=1, max_length=64)]
IfMatch = Annotated[str | None, Header(alias="If-Match", pattern='^"[0-9]{1,18}"$', examples=['"1"'])]
VERSIONED: OpenAPIResponse = {
    "description": "The product",
    "headers": {"ETag": {"description": "Names this version of it, for If-Match", "schema": {"type": "string"}}},
}


@app.get("/products")
def list_products(
    products: CatalogueStore, category: Category = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Product]:
    """One page of the products, of one category or of all. The order is stable, but means nothing."""
    found = products.page(category, limit, decode_cursor(cursor, CURSOR))
    thumbnails = Thumbnails.of(app.current_event.raw_event)
    items = [Product.model_validate(thumbnails.shown(item)) for item in found.items]
    return Page(items=items, cursor=encode_cursor(found.last))


@app.get("/products/<product_id>", responses={200: VERSIONED})
def get_product(product_id: ProductId, products: CatalogueStore) -> Response[Product]:
    """One product; the header ETag names this version of it. 404 when there is none with this id."""
    item = products.get(product_id)
    if item is None:
        raise NotFoundError("There is no such product.")
    return _answer(200, item)


@app.post("/products", status_code=201, security=ADMIN, responses={201: VERSIONED})
def add_product(body: ProductRequest, products: CatalogueStore) -> Response[Product]:
    """Add a product. It can be ordered as soon as the answer is out."""
    item = products.add(str(uuid.uuid4()), body)
    logger.info("product added", product_id=item["productId"])
    return _answer(201, item)


@app.put("/products/<product_id>", security=ADMIN, responses={200: VERSIONED, **raises(EditConflictError)})
def replace_product(
    product_id: ProductId, body: ProductRequest, products: CatalogueStore, version: IfMatch = None
) -> Response[Product]:
    """Replace a product, its stock too. 404 when there is none.

    With the header If-Match (an ETag that was read before), 412 when somebody else has replaced it since.
    """
    item = products.replace(product_id, body, int(version.strip('"')) if version else None)
    logger.info("product replaced", product_id=product_id)
    return _answer(200, item)


@app.delete("/products/<product_id>", status_code=204, security=ADMIN)
def remove_product(product_id: ProductId, products: CatalogueStore) -> Response[None]:
    """Take a product out of the catalogue. 404 when there is none. Orders for it go on."""
    products.remove(product_id)
    logger.info("product removed", product_id=product_id)
    return Response(204)


def _answer(status: int, item: dict[str, Any]) -> Response[Product]:
    headers = {"ETag": f'"{item["version"]}"'}
    shown = Thumbnails.of(app.current_event.raw_event).shown(item)
    return Response(status, content_types.APPLICATION_JSON, Product.model_validate(shown), headers)
