"""The envelope of what happens to a cart that is not bought, as it goes over the event bus."""

from common.events.fields import Cents, CorrelationId, Id
from common.events.order import Line
from common.model import Model
from common.trail import Trail, current


class CartMetadata(Model):
    """Where the event belongs."""

    version: int = 1
    correlation_id: CorrelationId


class CartData(Model):
    """The cart at today's prices. Drop repeats by (customer_id, cart_version): each change makes a new version."""

    customer_id: Id
    customer_email: str
    cart_version: int
    items: tuple[Line, ...]
    total_cents: Cents


class CartEvent(Model):
    """`detail` of the events about carts."""

    metadata: CartMetadata
    data: CartData
    trail: Trail | None = None

    def with_trail(self) -> "CartEvent":
        """The same event with the trail of what is being handled, as it is published."""
        return self.model_copy(update={"trail": current()})

    def to_json(self) -> str:
        """`detail` as it goes over the wire; what is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)
