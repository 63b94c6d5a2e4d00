"""What cfn-lint finds wrong in a template, and the template as SAM's transform makes it.

cfn-lint comes with LocalStack. It takes seconds to import: only where a template has changed.
"""

import copy
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sandbox.own_stack.reading import Template

_REGION = "us-east-1"
_SAM = "AWS::Serverless-2016-10-31"
_CIRCULAR = "E3004"
_MOST_NAMES = 12


def problems(path: Path, shown: str) -> list[str]:
    """A line for each error, ``template.yaml:12:7: …``; of a circle, its first resource alone. Warnings are left out,
    and so is what the template itself turns off (``Metadata: cfn-lint: config: ignore_checks``).
    """
    from cfnlint.api import ManualArgs, lint_file

    matches = lint_file(path, ManualArgs(regions=[_REGION], ignore_checks=["W", "I"]))
    errors = [each for each in matches if each.rule.severity == "error"]
    circular = next((each for each in errors if each.rule.id == _CIRCULAR), None)
    kept = [each for each in errors if each.rule.id != _CIRCULAR or each is circular]
    kept.sort(key=lambda each: (each.linenumber, each.columnnumber))
    return [f"{shown}:{each.linenumber}:{each.columnnumber}: {_words(each.message)} ({each.rule.id})" for each in kept]


def translated(path: Path, template: Template) -> Template:
    """The template that CloudFormation gets to see, of one that `problems` finds nothing wrong with."""
    if _SAM not in _listed(template.get("Transform")):
        return template
    from cfnlint.template.transforms._sam import Transform

    before = os.environ.get("AWS_DEFAULT_REGION")
    transform = Transform(str(path), copy.deepcopy(template), _REGION)
    try:
        transform.transform_template()
    finally:  # cfn-lint leaves its region there
        if before is None:
            os.environ.pop("AWS_DEFAULT_REGION", None)
        else:
            os.environ["AWS_DEFAULT_REGION"] = before
    result: Mapping[str, Any] = transform.template()
    return dict(result)


def _words(message: str) -> str:
    """One line, without the long list of all names that would have been right."""
    line = " ".join(message.split()).rstrip(".")
    start, is_list, rest = line.partition(" is not one of [")
    names, end, after = rest.partition("]")
    if not is_list or not end:
        return line
    own = [name for name in names.split(", ") if "AWS::" not in name]
    if not own:
        return f"{start} is unknown"
    shown = ", ".join(own[:_MOST_NAMES]) + (", …" if len(own) > _MOST_NAMES else "")
    return f"{start} is not one of [{shown}]{after.removesuffix(f" in ['{_REGION}']")}"


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
