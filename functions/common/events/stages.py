"""The stages of an order's life, in the order in which they can come."""

from collections.abc import Mapping
from enum import StrEnum

from common.events.fields import Time

type Stages = Mapping[str, Time]
"""When each stage was reached (ISO 8601, UTC, milliseconds), by its name; stages not reached are absent."""


class Stage(StrEnum):
    """A step on the timeline; declared in the order of the timeline."""

    ACCEPTED = "accepted"
    STOCK_RESERVED = "stock-reserved"
    PAYMENT_CAPTURED = "payment-captured"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    NOTIFIED = "notified"


_RANK = {stage.value: rank for rank, stage in enumerate(Stage)}


def in_order(stages: Stages) -> list[tuple[str, str]]:
    """(stage, at) by time; stages of the same millisecond in the order of `Stage`, unknown ones last."""
    return sorted(stages.items(), key=lambda entry: (entry[1], _RANK.get(entry[0], len(_RANK))))
