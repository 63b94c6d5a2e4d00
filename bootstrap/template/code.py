"""Functions with their event sources, layers, roles, and who may call them."""

import json
from typing import Any

from bootstrap import policies
from bootstrap.references import Ref
from bootstrap.resources import EventSourceMapping, Function, Layer, Permission, Role
from bootstrap.streams import StreamMapping
from bootstrap.template.files import function_path, layer_path
from bootstrap.template.names import expression, logical_id

type Mapped = EventSourceMapping | StreamMapping


def role(declared: Role) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": declared.name,
            "AssumeRolePolicyDocument": policies.trust(declared),
            "Policies": [
                {"PolicyName": policies.NAME, "PolicyDocument": policies.document(declared.statements, expression)},
            ],
        },
    }


def layer(declared: Layer) -> dict[str, Any]:
    """SAM makes another version of it when the content is another; the former ones go."""
    return {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {
            "LayerName": declared.name,
            "ContentUri": layer_path(declared.name),
            "CompatibleRuntimes": list(declared.compatible_runtimes),
            "RetentionPolicy": "Delete",
        },
    }


def function(declared: Function, sources: tuple[Mapped, ...]) -> dict[str, Any]:
    """The function with the queues and streams that feed it."""
    properties: dict[str, Any] = {
        "FunctionName": declared.name,
        "CodeUri": function_path(declared.name),
        "Handler": declared.handler,
        "Runtime": declared.runtime,
        "Architectures": [declared.architecture],
        "Role": expression(declared.role.arn()),
        "Layers": [expression(each.arn()) for each in declared.layers],
        "Timeout": declared.timeout,
        "MemorySize": declared.memory_size,
        "Environment": {"Variables": {name: expression(value) for name, value in declared.environment.items()}},
    }
    if declared.dead_letters:
        properties["DeadLetterQueue"] = {"Type": "SQS", "TargetArn": expression(declared.dead_letters.arn())}
    if sources:
        properties["Events"] = {_event_name(each): _event(each) for each in sources}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def permission(declared: Permission) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": expression(declared.function),
            "Action": "lambda:InvokeFunction",
            "Principal": declared.principal,
            "SourceArn": expression(declared.source),
        },
    }


def _event_name(source: Mapped) -> str:
    return logical_id(_source_of(source)) + ("Stream" if isinstance(source, StreamMapping) else "")


def _source_of(source: Mapped) -> Ref:
    return source.table if isinstance(source, StreamMapping) else source.queue


def _event(source: Mapped) -> dict[str, Any]:
    match source:
        case EventSourceMapping():
            return {"Type": "SQS", "Properties": _queue_event(source)}
        case StreamMapping():
            return {"Type": "DynamoDB", "Properties": _stream_event(source)}


def _queue_event(mapping: EventSourceMapping) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Queue": expression(mapping.queue.arn()),
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window,
    }
    if mapping.report_batch_item_failures:
        properties["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    if mapping.maximum_concurrency:
        properties["ScalingConfig"] = {"MaximumConcurrency": mapping.maximum_concurrency}
    return properties


def _stream_event(mapping: StreamMapping) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "Stream": {"Fn::GetAtt": [logical_id(mapping.table), "StreamArn"]},
        "StartingPosition": mapping.starting_position,
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.maximum_batching_window,
        "MaximumRetryAttempts": mapping.maximum_retry_attempts,
        "BisectBatchOnFunctionError": mapping.bisect_batch_on_function_error,
    }
    if mapping.report_batch_item_failures:
        properties["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
    if mapping.filters:
        patterns = [{"Pattern": json.dumps(each, sort_keys=True)} for each in mapping.filters]
        properties["FilterCriteria"] = {"Filters": patterns}
    if mapping.dead_letters:
        on_failure = {"Type": "SQS", "Destination": expression(mapping.dead_letters.arn())}
        properties["DestinationConfig"] = {"OnFailure": on_failure}
    return properties
