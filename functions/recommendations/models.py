"""What the API of recommendations gives."""

from common.model import Model


class Recommendation(Model):
    """A product, and how much it belongs to the one that was asked about: from 0 to 1."""

    product_id: str
    score: float


class Recommendations(Model):
    """The strongest first."""

    items: list[Recommendation]
