"""Lambda: functions with their configuration, code, policies and concurrency; layers; event source mappings."""

import json
import re
from typing import Any

from tests.describing.reading import Aws, Described, asked, last, pages, policy, without

_ABSENT = ("ResourceNotFoundException",)
_ACCIDENTAL = ("LastModified", "RevisionId")


def describe_code(aws: Aws) -> Described:
    client = aws("lambda")
    layers = {each["LayerName"]: _layer(client, each["LayerName"]) for each in pages(client, "list_layers", "Layers")}
    functions = {
        each["FunctionName"]: _function(client, each, layers) for each in pages(client, "list_functions", "Functions")
    }
    mappings: dict[str, Any] = {}
    for each in pages(client, "list_event_source_mappings", "EventSourceMappings"):
        made = _mapping(each)
        mappings[f"{last(_source(each))} to {last(each['FunctionArn'])}"] = made
    return {"layers": layers, "functions": functions, "event source mappings": mappings}


def _layer(client: Any, name: str) -> dict[str, Any]:
    """Its newest version; which one that is says how often it was published."""
    versions = pages(client, "list_layer_versions", "LayerVersions", LayerName=name)
    newest = max(versions, key=lambda each: each["Version"])
    found = client.get_layer_version(LayerName=name, VersionNumber=newest["Version"])
    content = without(found["Content"], "Location")
    return {**without(found, "CreatedDate", "Version", "LayerVersionArn", "LayerArn"), "Content": content}


def _function(client: Any, listed: dict[str, Any], layers: dict[str, Any]) -> dict[str, Any]:
    name = listed["FunctionName"]
    found = client.get_function(FunctionName=name)
    configuration = without(found["Configuration"], *_ACCIDENTAL)
    # With the hash of what is in them: which number of version that has is an accident.
    used = [each["Arn"].split(":")[6] for each in configuration.get("Layers", [])]
    configuration["Layers"] = [f"{each} {layers[each]['Content']['CodeSha256']}" for each in used]
    return {
        "configuration": configuration,
        "tags": found.get("Tags", {}),
        "concurrency": without(client.get_function_concurrency(FunctionName=name)),
        "policy": _who_may_call(client, name),
        "asynchronous": [
            without(each, "LastModified")
            for each in pages(
                client, "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name
            )
        ],
        "urls": pages(client, "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name),
        "aliases": [
            without(each, "RevisionId") for each in pages(client, "list_aliases", "Aliases", FunctionName=name)
        ],
        "versions": [
            each["Version"] for each in pages(client, "list_versions_by_function", "Versions", FunctionName=name)
        ],
    }


def _who_may_call(client: Any, function: str) -> Any:
    """The statements; an id of one is its name in the call that adds it, and makes no difference."""
    found = asked(lambda: client.get_policy(FunctionName=function)["Policy"], absent=_ABSENT)
    document = json.loads(found) if found.startswith("{") else {}
    statements = [
        {name: value for name, value in each.items() if name != "Sid"} for each in document.get("Statement", [])
    ]
    return policy({**without(document, "Id"), "Statement": statements})


def _mapping(found: dict[str, Any]) -> dict[str, Any]:
    accidental = ("UUID", "EventSourceMappingArn", "LastModified", "LastProcessingResult", "StateTransitionReason")
    made = without(found, *accidental)
    if not made.get("ScalingConfig"):  # shown where somebody sent an empty one, which says what none says
        made.pop("ScalingConfig", None)
    filters = made.get("FilterCriteria", {}).get("Filters", [])
    made["FilterCriteria"] = sorted(json.dumps(json.loads(each["Pattern"]), sort_keys=True) for each in filters)
    return {**made, "EventSourceArn": _source(found)}


def _source(mapping: dict[str, Any]) -> str:
    """Of a stream, the table's name instead of the time at which it was turned on."""
    return re.sub(r"^(.*:table/[^/]+)/stream/.*$", r"\1", mapping["EventSourceArn"])
