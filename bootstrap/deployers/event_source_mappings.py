"""Event source mappings: which queue feeds which function, and how."""

from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.references import Ref
from bootstrap.resources import EventSourceMapping


def ensure(context: Context, mapping: EventSourceMapping) -> Outcome:
    """Create the mapping, or correct and enable the one that is there; return when it polls."""
    lambda_ = context.clients.lambda_
    source, function = context.arn(mapping.queue), context.arn(mapping.function)
    wanted = _settings(mapping)
    listed = context.observed.mappings().get((source, function))
    if listed is None:
        answer = lambda_.create_event_source_mapping(
            EventSourceArn=source, FunctionName=mapping.function.name, Enabled=True, **wanted
        )
        wait_for_state(context, mapping.ref, answer["UUID"], "Enabled")
        return Outcome.CREATED
    found: Any = listed
    if listed["State"] != "Enabled":
        # Busy with an earlier change, it would refuse this one. Asked for anew also when it is listed as disabled:
        # LocalStack's list keeps the state of the poller that an update replaced, where that one ended last.
        found = wait_for_state(context, mapping.ref, listed["UUID"], "Enabled", "Disabled")
    if found["State"] == "Enabled" and all(_found(found, name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    lambda_.update_event_source_mapping(UUID=found["UUID"], FunctionName=mapping.function.name, Enabled=True, **wanted)
    wait_for_state(context, mapping.ref, found["UUID"], "Enabled")
    return Outcome.UPDATED


def _settings(mapping: EventSourceMapping) -> Any:
    maximum = mapping.maximum_concurrency
    return {
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.report_batch_item_failures else [],
        "ScalingConfig": {"MaximumConcurrency": maximum} if maximum else {},
    }


def _found(found: dict[str, Any], name: str) -> Any:
    """A setting as it is sent; what AWS leaves out is its default."""
    defaults = {"FunctionResponseTypes": [], "ScalingConfig": {}, "MaximumBatchingWindowInSeconds": 0}
    return found.get(name, defaults.get(name))


def wait_for_state(context: Context, ref: Ref, uuid: str, *states: str) -> Any:
    """The mapping's description as soon as its state is one of `states`."""
    description: Any = None

    def ready() -> bool:
        nonlocal description
        description = context.clients.lambda_.get_event_source_mapping(UUID=uuid)
        return description["State"] in states

    context.wait_until(ready, str(ref), timeout_s=60)
    return description
