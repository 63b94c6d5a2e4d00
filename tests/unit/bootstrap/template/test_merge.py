"""Two renderings of one stack, merged, are each of the two again where the condition holds or not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.errors import DeclarationError
from bootstrap.template.merge import NO_VALUE, Choice, merged, resources

CHOICE = Choice("IsSaga", "IsChoreography", "Flow", "saga", "choreography")
_ABSENT: Any = object()


def evaluated(value: Any, *, holds: bool) -> Any:
    """What CloudFormation makes of it: `Fn::If`, `AWS::NoValue`, the parameter, texts with variables."""
    match value:
        case {"Fn::If": ["IsSaga", then, otherwise]}:
            return evaluated(then if holds else otherwise, holds=holds)
        case {"Fn::Sub": [str(text), dict(variables)]}:
            for name, variable in variables.items():
                text = text.replace(f"${{{name}}}", _text(evaluated(variable, holds=holds)))
            return {"Fn::Sub": text}
        case {"Ref": "AWS::NoValue"}:
            return _ABSENT
        case {"Ref": "Flow"}:
            return CHOICE.holds if holds else CHOICE.fails
        case dict():
            items = {key: evaluated(item, holds=holds) for key, item in value.items()}
            return {key: item for key, item in items.items() if item is not _ABSENT}
        case list():
            return [item for each in value if (item := evaluated(each, holds=holds)) is not _ABSENT]
        case _:
            return value


def _text(value: Any) -> str:
    return value["Fn::Sub"] if isinstance(value, dict) else value


_LEAVES = st.sampled_from(
    ["saga", "choreography", "a", "b", 1, True, {"Ref": "Table"}, {"Fn::GetAtt": ["Table", "Arn"]}]
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("wxyz"), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES, _VALUES)
def test_merged_is_either_again(then: Any, otherwise: Any) -> None:
    both = merged(CHOICE, then, otherwise)
    assert evaluated(both, holds=True) == then
    assert evaluated(both, holds=False) == otherwise


_TEXTS = st.builds(
    str.__add__,
    st.lists(st.sampled_from(["a\n", "b\n", "\n", "${Table}\n"])).map("".join),
    st.sampled_from(["", "a", "${Table}"]),
)


@given(_TEXTS, _TEXTS)
def test_merged_text_is_either_again(then: str, otherwise: str) -> None:
    both = merged(CHOICE, {"Fn::Sub": then}, {"Fn::Sub": otherwise})
    assert _text(evaluated(both, holds=True)) == then
    assert _text(evaluated(both, holds=False)) == otherwise


def test_lines_that_differ_keep_their_place() -> None:
    both = merged(CHOICE, {"Fn::Sub": "a\n${B}\nc\n"}, {"Fn::Sub": "a\nb\nc\n"})
    choice = {"Fn::If": ["IsSaga", {"Fn::Sub": "${B}"}, "b"]}
    assert both == {"Fn::Sub": ["a\n${IsSaga1}\nc\n", {"IsSaga1": choice}]}


def test_one_line_or_another_is_chosen_whole() -> None:
    one, other = ({"Fn::Sub": f"${{{table}.Arn}}/x"} for table in "AB")
    assert merged(CHOICE, one, other) == {"Fn::If": ["IsSaga", one, other]}


def test_what_both_have_bears_no_condition() -> None:
    then, otherwise = {"A": {"x": 1, "y": [1, 2]}}, {"A": {"x": 1, "y": [1, 3]}}
    assert merged(CHOICE, then, otherwise) == {"A": {"x": 1, "y": [1, {"Fn::If": ["IsSaga", 2, 3]}]}}


def test_what_one_has_alone_is_no_value_in_the_other() -> None:
    assert merged(CHOICE, {"x": 1}, {}) == {"x": {"Fn::If": ["IsSaga", 1, NO_VALUE]}}
    assert merged(CHOICE, [1], [1, 2]) == [1, {"Fn::If": ["IsSaga", NO_VALUE, 2]}]


def test_resources_keep_their_place_and_get_conditions() -> None:
    one, two, three = ({"Type": kind, "Properties": {}} for kind in ("One", "Two", "Three"))
    both = resources(CHOICE, {"A": one, "B": two, "D": one}, {"A": one, "C": three, "D": one})
    assert json.dumps(both) == json.dumps(
        {
            "A": one,
            "B": {"Type": "Two", "Condition": "IsSaga", "Properties": {}},
            "C": {"Type": "Three", "Condition": "IsChoreography", "Properties": {}},
            "D": one,
        }
    )


def test_resources_that_differ_in_more_than_properties_are_refused() -> None:
    then, otherwise = {"Type": "One", "DependsOn": ["B"], "Properties": {}}, {"Type": "One", "Properties": {}}
    with pytest.raises(DeclarationError, match="A: the flows differ in its type, or in what it waits for"):
        resources(CHOICE, {"A": then}, {"A": otherwise})
