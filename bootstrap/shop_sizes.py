"""The shop with other sizes than those of its declaration: what a comparison of settings deploys for a while."""

from dataclasses import dataclass, replace

from bootstrap.resources import EventSourceMapping, Function, Resource, Stack


@dataclass(frozen=True, slots=True)
class Sizes:
    """`memory_mb` of all functions, `batch_size` of all mappings of queues; None: as declared."""

    memory_mb: int | None = None
    batch_size: int | None = None


AS_DECLARED = Sizes()


def with_sizes(stack: Stack, sizes: Sizes) -> Stack:
    """The same stack with these sizes. Mappings of streams keep theirs: they count changes, not messages."""
    return replace(stack, resources=tuple(_changed(resource, sizes) for resource in stack.resources))


def _changed(resource: Resource, sizes: Sizes) -> Resource:
    match resource:
        case Function() if sizes.memory_mb is not None:
            return replace(resource, memory_size=sizes.memory_mb)
        case EventSourceMapping() if sizes.batch_size is not None:
            return replace(resource, batch_size=sizes.batch_size)
        case _:
            return resource
