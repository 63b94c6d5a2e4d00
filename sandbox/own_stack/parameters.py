"""Values for a template's parameters: ``PARAMETERS="Stage=dev Title='two words'"``."""

import shlex
from collections.abc import Mapping
from typing import Any

from sandbox.own_stack.errors import TemplateError
from sandbox.own_stack.reading import Template

_EXAMPLE = "PARAMETERS=\"Stage=dev Title='two words'\""


def parse(text: str) -> dict[str, str]:
    """Raises TemplateError where it is no list of ``Key=Value``."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TemplateError(f"PARAMETERS={text}: {error}; write {_EXAMPLE}.") from error
    pairs = [word.partition("=") for word in words]
    if wrong := [key for key, equals, _ in pairs if not equals or not key]:
        raise TemplateError(f"PARAMETERS={text}: {wrong[0]} is no Key=Value; write {_EXAMPLE}.")
    found = {key: value for key, _, value in pairs}
    if twice := [key for key in found if sum(key == each for each, _, _ in pairs) > 1]:
        raise TemplateError(f"PARAMETERS={text}: {twice[0]} stands there twice.")
    return found


def with_texts(template: Template) -> Template:
    """The template with `true` and `false` as the texts that CloudFormation takes them for, where a parameter has them
    for its default or among its allowed values.
    """
    declared = template.get("Parameters")
    if not declared:
        return template
    return {**template, "Parameters": {name: _with_texts(declaration) for name, declaration in declared.items()}}


def chosen(template: Mapping[str, Any], given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """What the stack gets: what is ``given``, and of what was ``kept`` from the last time all else that the template
    still has; the template's defaults are CloudFormation's business.

    Raises:
        TemplateError: a line for each parameter that is unknown, missing, or not of its type or allowed values.
    """
    declared = template.get("Parameters") or {}
    values = {name: value for name, value in kept.items() if name in declared} | dict(given)
    problems = [_unknown(name, declared) for name in given if name not in declared]
    for name, declaration in declared.items():
        if problem := _problem(name, declaration if isinstance(declaration, dict) else {}, values):
            problems.append(problem)
    if problems:
        raise TemplateError(*problems)
    return values


def _with_texts(declaration: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(declaration)
    if "Default" in changed:
        changed["Default"] = _text(changed["Default"])
    if "AllowedValues" in changed:
        changed["AllowedValues"] = [_text(each) for each in changed["AllowedValues"]]
    return changed


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _unknown(name: str, declared: Mapping[str, Any]) -> str:
    known = f"it has {', '.join(declared)}" if declared else "it has none"
    return f"PARAMETERS: the template has no parameter {name}; {known}."


def _problem(name: str, declaration: Mapping[str, Any], values: Mapping[str, str]) -> str | None:
    if name not in values:
        if "Default" in declaration:
            return None
        return f'Parameter {name} has no value and no default: give it, PARAMETERS="{name}=…".'
    value = values[name]
    allowed = [str(each) for each in declaration.get("AllowedValues") or ()]
    if allowed and value not in allowed:
        return f"Parameter {name}={value} is not allowed: give one of {', '.join(allowed)}."
    if declaration.get("Type") == "Number" and not _is_number(value):
        return f"Parameter {name}={value} is no number."
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
