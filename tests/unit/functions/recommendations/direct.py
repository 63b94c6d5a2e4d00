"""What recommendations must be, computed from all baskets at once: the definition of the cosine, and nothing clever."""

from collections.abc import Sequence
from math import sqrt


def directly(product: str, baskets: Sequence[frozenset[str]]) -> list[tuple[str, float]]:
    """(product, score), strongest first, of the 30 that are most in a basket with `product`."""
    scores = {}
    for other in {each for basket in baskets for each in basket if product in basket} - {product}:
        one, two = (sum(each in basket for basket in baskets) for each in (product, other))
        both = sum({product, other} <= basket for basket in baskets)
        scores[other] = round(both / (sqrt(one * two)), 6)
    return sorted(scores.items(), key=lambda each: (-each[1], each[0]))[:30]
