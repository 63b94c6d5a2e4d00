"""The word for what EventBridge keeps of a bus. The other words are in `resources`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from bootstrap.references import Kind, Ref


@dataclass(frozen=True, slots=True)
class Archive:
    """What EventBridge keeps of `event_bus`: what matches `event_pattern` (None: all); for ever where
    `retention_days` is 0.

    Its bus cannot be changed once it is there, as on AWS.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html
    """

    kind: ClassVar[Kind] = Kind.ARCHIVE
    name: str
    event_bus: Ref
    event_pattern: Mapping[str, Any] | None = None
    retention_days: int = 0

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)
