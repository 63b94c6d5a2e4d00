"""A template as it is in its file: YAML with CloudFormation's short forms, or JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sandbox.own_stack.errors import TemplateError

type Template = dict[str, Any]

_SECTIONS = ("Globals", "Parameters", "Resources", "Rules")
_USUAL = ("template.yaml", "template.yml", "template.json")


def locate(given: str) -> Path:
    """The template's file: the path itself, or what is in a folder under a usual name, or in its ``cdk.out``.

    Raises:
        TemplateError: there is none, or more than one.
    """
    path = Path(given).expanduser()
    if path.is_dir():
        found = (
            [path / name for name in _USUAL if (path / name).is_file()]
            or sorted(path.glob("*.template.json"))
            or sorted(path.glob("cdk.out/*.template.json"))
        )
        if len(found) == 1:
            return found[0]
        if not found and (path / "cdk.json").is_file():
            raise TemplateError(f"TEMPLATE={given}: this folder has no template in its cdk.out: cdk synth first.")
        if not found:
            raise TemplateError(f"TEMPLATE={given}: this folder has no template.yaml, nor a *.template.json.")
        names = ", ".join(str(each.relative_to(path)) for each in found)
        raise TemplateError(f"TEMPLATE={given}: this folder has more than one template ({names}): name one.")
    if not path.is_file():
        raise TemplateError(f"TEMPLATE={given}: there is no such file.")
    return path


def read(path: Path, shown: str) -> Template:
    """The template, short forms (``!Ref``) as long ones (``Ref``). ``shown`` is what messages call the file.

    Raises:
        TemplateError: it cannot be read, or is no template, with the line and the column; or it is not of the shape
            that all who read it rely on.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    try:
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)  # a SafeLoader
    except json.JSONDecodeError as error:
        raise TemplateError(f"{shown}:{error.lineno}:{error.colno}: {error.msg}.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise TemplateError(f"{shown}{where}: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise TemplateError(f"{shown}: {' '.join(str(error).split())}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict) or not content["Resources"]:
        raise TemplateError(f"{shown}: is no template: it has no Resources.")
    if lines := list(_misshapen(content)):
        raise TemplateError(*(f"{shown}: {line}." for line in lines))
    return content


def _misshapen(template: Template) -> Iterator[str]:
    """What a Python program would stumble over; all else is cfn-lint's business."""
    for section in _SECTIONS:
        entries = template.get(section)
        if entries is not None and not isinstance(entries, dict):
            yield f"{section} must be a mapping, of names to what they are"
            continue
        for name, entry in (entries or {}).items():
            if not isinstance(name, str):
                yield f"{section}: the name {name} must be text: put it into quotes"
            elif isinstance(entry, dict):
                yield from (f"{section}.{name}.{problem}" for problem in _misshapen_entry(section, entry))
            elif section == "Parameters" or (section == "Globals" and entry is not None):
                yield f"{section}.{name} must be a mapping"


def _misshapen_entry(section: str, entry: dict[str, Any]) -> Iterator[str]:
    if section == "Parameters" and not isinstance(entry.get("AllowedValues", []), list):
        yield "AllowedValues must be a list"
    if section == "Resources":
        if not isinstance(entry.get("Type", ""), str):
            yield "Type must be text"
        if not isinstance(entry.get("Properties") or {}, dict):
            yield "Properties must be a mapping"


class _Loader(yaml.SafeLoader):
    """CloudFormation's tags, and dates as the text that they are (``Version: 2012-10-17``)."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


def _unique_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    """YAML takes the last of two; nobody means that."""
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if isinstance(key, str) and key != "<<":
            if key in seen:
                problem = f"the key {key} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.add(key)
    loader.flatten_mapping(node)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=deep)


_Loader.add_multi_constructor("!", _long_form)
_Loader.add_constructor(
    "tag:yaml.org,2002:timestamp",
    lambda loader, node: loader.construct_scalar(node),  # type: ignore[arg-type]
)
_Loader.add_constructor(
    "tag:yaml.org,2002:map",
    lambda loader, node: _unique_mapping(loader, node, deep=True),  # type: ignore[arg-type]
)
