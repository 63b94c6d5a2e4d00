"""What can be wrong with streams: no stream to read, no right to, no place for dead letters, out of limits."""

import json
from collections.abc import Iterator

from bootstrap.references import Kind, Ref
from bootstrap.resources import Function, Role, Stack, Table
from bootstrap.streams import StreamMapping

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
_MAX_FILTERS = 5
_MAX_PATTERN = 4096
_READING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")


def typed_references(stack: Stack) -> Iterator[tuple[Ref, str, Ref, tuple[Kind, ...]]]:
    """Who refers to what, as what, and of which kinds that may be."""
    for mapping in stack.of(StreamMapping):
        yield mapping.ref, "source", mapping.table, (Kind.TABLE,)
        yield mapping.ref, "function", mapping.function, (Kind.FUNCTION,)
        if mapping.dead_letters:
            yield mapping.ref, "dead-letter queue", mapping.dead_letters, (Kind.QUEUE,)


def streams(stack: Stack) -> Iterator[str]:
    """A table without a stream cannot be read; what failed for good must lie somewhere."""
    for mapping in stack.of(StreamMapping):
        table = stack.find(mapping.table)
        if isinstance(table, Table) and not table.stream:
            yield f"{mapping.ref}: {table.ref} has no stream: give it one, e.g. stream='NEW_AND_OLD_IMAGES'."
        if not mapping.dead_letters:
            yield f"{mapping.ref}: has no dead-letter queue: give it dead_letters."


def stream_roles(stack: Stack) -> Iterator[str]:
    """AWS refuses a mapping whose function's role may not read the stream, and loses reports that it may not send."""
    for mapping in stack.of(StreamMapping):
        function = stack.find(mapping.function)
        role = stack.find(function.role) if isinstance(function, Function) else None
        if not isinstance(role, Role):
            continue
        allowed = {
            (action, each)
            for statement in role.statements
            for action in statement.actions
            for each in statement.resources
        }
        missing = [action for action in _READING if (action, mapping.table.arn("/stream/*")) not in allowed]
        if missing:
            yield f"{mapping.ref}: {role.ref} may not read the stream of {mapping.table}: allow {', '.join(missing)}."
        queue = mapping.dead_letters
        if queue and ("sqs:SendMessage", queue.arn()) not in allowed:
            yield f"{mapping.ref}: {role.ref} may not send to {queue}: allow sqs:SendMessage."


def mistakes_of_mapping(mapping: StreamMapping) -> Iterator[str]:
    """What is wrong with the mapping by itself."""
    for what, value, low, high in (
        ("batch size", mapping.batch_size, 1, 10_000),
        ("batching window", mapping.maximum_batching_window, 0, 300),
        ("maximum of retry attempts", mapping.maximum_retry_attempts, -1, 10_000),
    ):
        if not low <= value <= high:
            yield f"its {what} is {value}: AWS takes {low} to {high}."
    if len(mapping.filters) > _MAX_FILTERS:
        yield f"has {len(mapping.filters)} filters: AWS takes {_MAX_FILTERS}."
    for pattern in mapping.filters:
        length = len(json.dumps(pattern))
        if not pattern or length > _MAX_PATTERN:
            yield f"a filter of it has {length} characters: AWS takes up to {_MAX_PATTERN}, and no empty pattern."
