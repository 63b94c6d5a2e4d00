"""The two ways of an order through the shop. Standard library only: the set-up asks as well."""

from enum import StrEnum

# What says on a stack which one it has: a tag of the topic that everybody listens to.
TAG = "flow"


class Flow(StrEnum):
    """Who says what happens next to an order: each service, to events of the others; or a state machine."""

    CHOREOGRAPHY = "choreography"
    SAGA = "saga"
