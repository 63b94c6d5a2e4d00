"""Two renderings of one stack as one template, with `Fn::If` where they differ.

The first is what there is where the condition holds, the second what there is where it does not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from bootstrap.errors import DeclarationError

NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The condition, its opposite, and the parameter that decides, with the values that it has then and else."""

    condition: str
    opposite: str
    parameter: str
    holds: str
    fails: str


def resources(choice: Choice, then: Mapping[str, Any], otherwise: Mapping[str, Any]) -> dict[str, Any]:
    """All resources of both, in the order of both.

    Raises:
        DeclarationError: they differ in more than properties, for which CloudFormation has no condition.
    """
    merged: dict[str, Any] = {}
    for name in _in_order(list(then), list(otherwise)):
        if name not in otherwise:
            merged[name] = _on_condition(choice.condition, then[name])
        elif name not in then:
            merged[name] = _on_condition(choice.opposite, otherwise[name])
        else:
            merged[name] = _resource(choice, name, then[name], otherwise[name])
    return merged


def _on_condition(condition: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": resource["Type"], "Condition": condition, **resource}


def _resource(choice: Choice, name: str, then: Mapping[str, Any], otherwise: Mapping[str, Any]) -> dict[str, Any]:
    if {**then, "Properties": None} != {**otherwise, "Properties": None}:
        raise DeclarationError([f"{name}: the flows differ in its type, or in what it waits for."])
    return {**then, "Properties": merged(choice, then["Properties"], otherwise["Properties"])}


def merged(choice: Choice, then: Any, otherwise: Any) -> Any:
    """One value for both, with conditions as deep as they differ."""
    if then == otherwise:
        return then
    if (then, otherwise) == (choice.holds, choice.fails):
        return {"Ref": choice.parameter}
    match then, otherwise:
        case {"Fn::Sub": str(one)}, {"Fn::Sub": str(other)}:
            return _texts(choice, one, other)
        case Mapping(), Mapping() if not (_is_intrinsic(then) or _is_intrinsic(otherwise)):
            return {
                key: merged(choice, then.get(key, NO_VALUE), otherwise.get(key, NO_VALUE))
                for key in _in_order(list(then), list(otherwise))
            }
        case list(), list():
            return list(_items(choice, then, otherwise))
        case _:
            return {"Fn::If": [choice.condition, then, otherwise]}


def _is_intrinsic(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _in_order(then: Sequence[str], otherwise: Sequence[str]) -> Iterator[str]:
    """Each key once, where it stands in either."""
    yield from dict.fromkeys(
        key
        for _, a, b, c, d in SequenceMatcher(None, then, otherwise, autojunk=False).get_opcodes()
        for key in (*then[a:b], *otherwise[c:d])
    )


def _items(choice: Choice, then: Sequence[Any], otherwise: Sequence[Any]) -> Iterator[Any]:
    """The items of both, those that only one has on condition."""
    keys = [json.dumps(each, sort_keys=True) for each in then], [json.dumps(each, sort_keys=True) for each in otherwise]
    for what, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if what == "equal":
            yield from then[a:b]
        else:
            for one, other in zip_longest(then[a:b], otherwise[c:d], fillvalue=NO_VALUE):
                yield merged(choice, one, other)


def _texts(choice: Choice, then: str, otherwise: str) -> dict[str, Any]:
    """A text with a variable for each group of lines that differ; one of a line alone is chosen whole.

    The end of a group's last line stands after the variable, where it is easier to read, if both have lines with one.
    """
    if "\n" not in then + otherwise:
        return {"Fn::If": [choice.condition, {"Fn::Sub": then}, {"Fn::Sub": otherwise}]}
    texts = then.splitlines(keepends=True), otherwise.splitlines(keepends=True)
    variables: dict[str, Any] = {}
    text = ""
    for what, a, b, c, d in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if what == "equal":
            text += "".join(texts[0][a:b])
            continue
        name = f"{choice.condition}{len(variables) + 1}"
        groups = "".join(texts[0][a:b]), "".join(texts[1][c:d])
        end = "\n" if all(group.endswith("\n") for group in groups) else ""
        variables[name] = {"Fn::If": [choice.condition, *(_text(group.removesuffix(end)) for group in groups)]}
        text += f"${{{name}}}{end}"
    return {"Fn::Sub": [text, variables]}


def _text(text: str) -> Any:
    return {"Fn::Sub": text} if "${" in text else text
