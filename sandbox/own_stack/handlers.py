"""The modules that the template names as handlers of Python functions with local code."""

import itertools
from collections.abc import Iterator, Mapping
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Any

from sandbox.own_stack.reading import Template

_SAM = "AWS::Serverless::Function"
_CODE = ("CodeUri", "Code", "InlineCode", "ImageUri")


def missing(template: Template, folders: Mapping[tuple[str, ...], tuple[Path, ...]]) -> Iterator[str]:
    """A line for each function that has no file for its handler's module; what is in the file is not looked at.

    ``folders`` are those that a function may import from, by where the template names its code: its own and that of
    its libraries. A layer may hold the module: a function with layers is left alone, and so is all that a template
    leaves to parameters.
    """
    usual = (template.get("Globals") or {}).get("Function") or {}
    for name, resource in template["Resources"].items():
        if not isinstance(resource, dict):  # a loop of CloudFormation's
            continue
        own = resource.get("Properties") or {}
        given, where = own, ("Resources", name)
        if resource.get("Type") == _SAM:
            given = {**usual, **own}
            if not any(each in own for each in _CODE):
                where = ("Globals", "Function")
            if usual.get("Layers"):
                continue
        places = next((places for path, places in folders.items() if path[: len(where)] == where), None)
        handler = given.get("Handler")
        if places is None or given.get("Layers") or not _is_python(given) or not isinstance(handler, str):
            continue
        module = handler.rpartition(".")[0].replace(".", "/")
        if module and not any(_has(place, module) for place in places):
            yield f"{name}.Handler: {handler}: there is no {module}.py in {places[0]}."


def _is_python(properties: Mapping[str, Any]) -> bool:
    return str(properties.get("Runtime")).startswith("python")


def _has(folder: Path, module: str) -> bool:
    """As a file, or as a package."""
    stems = (folder / module, folder / module / "__init__")
    return any(Path(f"{stem}{suffix}").is_file() for stem, suffix in itertools.product(stems, all_suffixes()))
