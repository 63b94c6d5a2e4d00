"""Event source mappings: which queue feeds which function, and how."""

from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.resources import EventSourceMapping


def ensure(context: Context, mapping: EventSourceMapping) -> Outcome:
    """Create the mapping, or correct and enable the one that is there; return when it polls."""
    lambda_ = context.clients.lambda_
    source, function = context.arn(mapping.queue), context.arn(mapping.function)
    found: Any = context.observed.mappings().get((source, function))
    wanted = _settings(mapping)
    if found is None:
        answer = lambda_.create_event_source_mapping(
            EventSourceArn=source, FunctionName=mapping.function.name, Enabled=True, **wanted
        )
        _wait_until_enabled(context, mapping, answer["UUID"])
        return Outcome.CREATED
    if found["State"] == "Enabled" and all(_found(found, name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    if found["State"] not in ("Enabled", "Disabled"):  # busy: a change would be refused
        _wait_until_settled(context, mapping, found["UUID"])
    lambda_.update_event_source_mapping(UUID=found["UUID"], FunctionName=mapping.function.name, Enabled=True, **wanted)
    _wait_until_enabled(context, mapping, found["UUID"])
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


def _wait_until_enabled(context: Context, mapping: EventSourceMapping, uuid: str) -> None:
    _wait_for_state(context, mapping, uuid, ("Enabled",))


def _wait_until_settled(context: Context, mapping: EventSourceMapping, uuid: str) -> None:
    _wait_for_state(context, mapping, uuid, ("Enabled", "Disabled"))


def _wait_for_state(context: Context, mapping: EventSourceMapping, uuid: str, states: tuple[str, ...]) -> None:
    def ready() -> bool:
        return context.clients.lambda_.get_event_source_mapping(UUID=uuid)["State"] in states

    context.wait_until(ready, str(mapping.ref), timeout_s=60)
