"""The route of recommendations; everybody may read it."""

import os
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.openapi.params import Path

from common import aws
from common.errors import NotFoundError
from common.http import resolver
from recommendations.domain import MAX_RECOMMENDATIONS, best_sellers, strongest
from recommendations.models import Recommendation, Recommendations
from recommendations.store import Affinities, DynamoAffinities

app = resolver()


@cache
def affinities() -> Affinities:
    """The store, made once in an environment; tests override it."""
    return DynamoAffinities(aws.dynamodb(), os.environ["RECOMMENDATIONS_TABLE"], os.environ["PRODUCTS_TABLE"])


Store = Annotated[Affinities, Depends(affinities)]
ProductId = Annotated[str, Path(min_length=1, max_length=64)]


@app.get("/products/<product_id>/recommendations")
def recommend(product_id: ProductId, store: Store) -> Recommendations:
    """What is bought together with a product, strongest first, 20 at most. 404 when there is no such product.

    The score is 1 for two products that no order has one of alone. Where nothing was bought together with it, the best
    sellers of its category come, with the score 0; of a category of more than 1,000 products the 1,000 with the lowest
    ids are looked at.
    """
    counts = store.counts(product_id)
    if counts is None:
        raise NotFoundError("There is no such product.")
    candidates = strongest(product_id, counts.together, counts.sold)
    there = store.still_there([other for other, _ in candidates])
    found = [each for each in candidates if each[0] in there][:MAX_RECOMMENDATIONS]
    if not found:
        found = best_sellers(product_id, store.of_category(counts.category), counts.sold)
    return Recommendations(items=[Recommendation(product_id=other, score=score) for other, score in found])
