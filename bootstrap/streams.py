"""The words for streams: the changes of a table that feed a function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from bootstrap.references import Kind, Ref

type StreamView = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
"""What a stream's record holds of the item that was changed."""


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """The stream of `table` feeds `function`, in order; `filters` are patterns, one of which a record must match.

    A batch that fails is tried again, split in halves, until it has failed `maximum_retry_attempts` times more (-1:
    until its records are 24 hours old); meanwhile its shard waits. Then the queue `dead_letters` is told which records
    they were, not what they said: the stream keeps that, for 24 hours. The batching window is in seconds.

    A mapping that is new begins at the `starting_position`, which cannot be changed later.
    """

    kind: ClassVar[Kind] = Kind.STREAM_MAPPING
    table: Ref
    function: Ref
    dead_letters: Ref | None
    filters: tuple[Mapping[str, Any], ...] = ()
    batch_size: int = 100
    maximum_batching_window: int = 0
    maximum_retry_attempts: int = 20
    bisect_batch_on_function_error: bool = True
    report_batch_item_failures: bool = True
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"

    @property
    def name(self) -> str:
        return f"{self.table.name}:{self.function.name}"

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.name)
