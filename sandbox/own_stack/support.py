"""What of a template nothing here can run: types of resources, and functions of other languages than Python."""

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

_PROVIDERS = "localstack.cloudformation.resource_providers"
_NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
_CUSTOM = "AWS::CloudFormation::CustomResource"
# What the template language itself makes, or takes for something else.
_NOT_MADE = ("AWS::CDK::Metadata",)


def supported_types() -> frozenset[str]:
    """All types that LocalStack or our engine make, in lower case: the names of the plugins that they install."""
    return frozenset(each.name.lower() for each in entry_points(group=_PROVIDERS))


def unsupported(template: Mapping[str, Any], supported: frozenset[str]) -> list[str]:
    """A line for each resource of a template without SAM's types (``translate`` it first) that nothing here makes, or
    runs.
    """
    found = []
    for name, resource in template.get("Resources", {}).items():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        if not isinstance(kind, str):
            continue
        if kind.startswith("Custom::"):
            kind = _CUSTOM
        if kind.lower() not in supported and kind not in _NOT_MADE:
            found.append(f"{name}: {kind} is not supported here")
        elif kind == "AWS::Lambda::Function":
            found += [f"{name}: {problem}" for problem in _function_problems(resource.get("Properties") or {})]
    return found


def nested(template: Mapping[str, Any]) -> list[str]:
    """A line for each stack within the stack whose template is a file here: nobody sends it along."""
    found = []
    for name, resource in template.get("Resources", {}).items():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        where = (resource.get("Properties") or {}).get(_NESTED[kind]) if kind in _NESTED else None
        if isinstance(where, str) and not where.startswith(("https://", "http://", "s3://")):
            found.append(f"{name}: a nested stack in a file ({where}) is not packaged here: bring it up by itself")
    return found


def _function_problems(properties: Mapping[str, Any]) -> Iterator[str]:
    """A runtime that an intrinsic function writes is not known before it is deployed."""
    if properties.get("PackageType") == "Image" or "ImageUri" in (properties.get("Code") or {}):
        yield "functions from container images are not supported here: they run as processes, without Docker"
        return
    runtime = properties.get("Runtime")
    if isinstance(runtime, str) and not runtime.startswith("python3"):
        yield f"a function in {runtime} cannot run here: functions are Python 3.13 processes"
