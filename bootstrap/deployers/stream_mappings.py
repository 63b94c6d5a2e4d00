"""Stream mappings: which table's changes feed which function, and how."""

import json
from collections.abc import Mapping
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.deployers.event_source_mappings import wait_for_state
from bootstrap.observed import Observed
from bootstrap.references import Ref
from bootstrap.streams import StreamMapping

type Found = Mapping[str, Any]
# What AWS leaves out of a mapping's description, or gives another value where nothing was asked for.
_DEFAULTS: Found = {"FunctionResponseTypes": [], "MaximumBatchingWindowInSeconds": 0, "DestinationConfig": {}}


def ensure(context: Context, mapping: StreamMapping) -> Outcome:
    """Create the mapping, or correct and enable the one that is there; return when it reads.

    One that reads an earlier stream of the table (each time a stream is turned on, it is another one) is replaced.
    """
    stream, wanted = _stream_of(context, mapping.table), _settings(context, mapping)
    found: Any = mapping_of(context.observed, context.arn(mapping.table), context.arn(mapping.function))
    if found is not None and found["EventSourceArn"] != stream:
        context.clients.lambda_.delete_event_source_mapping(UUID=found["UUID"])
        found = None
    if found is None:
        _create(context, mapping, stream, wanted)
        return Outcome.CREATED
    if found["State"] != "Enabled":
        found = wait_for_state(context, mapping.ref, found["UUID"], "Enabled", "Disabled")
    if found["State"] == "Enabled" and all(_found(found, name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    context.clients.lambda_.update_event_source_mapping(
        UUID=found["UUID"], FunctionName=mapping.function.name, Enabled=True, **wanted
    )
    wait_for_state(context, mapping.ref, found["UUID"], "Enabled")
    return Outcome.UPDATED


def mapping_of(observed: Observed, table_arn: str, function_arn: str) -> Found | None:
    """The mapping that feeds the function with a stream of the table, whichever stream."""
    for (source, function), found in observed.mappings().items():
        if function == function_arn and source.startswith(f"{table_arn}/stream/"):
            return found
    return None


def _create(context: Context, mapping: StreamMapping, stream: str, wanted: Any) -> None:
    answer = context.clients.lambda_.create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName=mapping.function.name,
        StartingPosition=mapping.starting_position,
        Enabled=True,
        **wanted,
    )
    wait_for_state(context, mapping.ref, answer["UUID"], "Enabled")


def _stream_of(context: Context, table: Ref) -> str:
    """The ARN of the table's stream, which holds the time at which it was turned on."""
    return context.clients.dynamodb.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]


def _settings(context: Context, mapping: StreamMapping) -> Any:
    destination = {"OnFailure": {"Destination": context.arn(mapping.dead_letters)}} if mapping.dead_letters else {}
    return {
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window,
        "MaximumRetryAttempts": mapping.maximum_retry_attempts,
        "BisectBatchOnFunctionError": mapping.bisect_batch_on_function_error,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.report_batch_item_failures else [],
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(each, sort_keys=True)} for each in mapping.filters]},
        "DestinationConfig": destination,
    }


def _found(found: Found, name: str) -> Any:
    """A setting in the form in which it is sent."""
    match name:
        case "FilterCriteria":
            return found.get(name) or {"Filters": []}
        case "DestinationConfig":
            on_failure = (found.get(name) or {}).get("OnFailure") or {}
            return {"OnFailure": on_failure} if on_failure.get("Destination") else {}
        case _:
            return found.get(name, _DEFAULTS.get(name))
