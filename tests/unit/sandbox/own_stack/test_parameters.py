"""PARAMETERS= as it is written, held against what the template declares."""

import pytest

from sandbox.own_stack import parameters
from sandbox.own_stack.errors import TemplateError

TEMPLATE = {
    "Parameters": {
        "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
        "Limit": {"Type": "Number", "Default": 3},
    }
}


def test_values_may_hold_spaces_and_equals_signs() -> None:
    assert parameters.parse("Stage=dev Title='two words' Query=a=b Empty=") == {
        "Stage": "dev",
        "Title": "two words",
        "Query": "a=b",
        "Empty": "",
    }


@pytest.mark.parametrize("text", ["Stage", "=dev", "Stage='dev"])
def test_what_is_no_list_of_pairs_is_told(text: str) -> None:
    with pytest.raises(TemplateError, match="PARAMETERS="):
        parameters.parse(text)


def test_true_and_false_are_the_texts_that_cloudformation_takes_them_for() -> None:
    flag = {"Type": "String", "AllowedValues": [True, False, 1], "Default": False}
    template = parameters.with_texts({"Parameters": {"Flag": flag}, "Resources": {}})
    assert template["Parameters"]["Flag"] == {
        "Type": "String",
        "AllowedValues": ["true", "false", 1],
        "Default": "false",
    }
    assert parameters.chosen(template, {"Flag": "true"}, {}) == {"Flag": "true"}
    with pytest.raises(TemplateError, match=r"Flag=True is not allowed: give one of true, false, 1\."):
        parameters.chosen(template, {"Flag": "True"}, {})
    assert flag["Default"] is False, "the user's own is left alone"


def test_what_was_given_last_time_stays_until_it_is_given_anew() -> None:
    kept = {"Stage": "dev", "Gone": "1"}
    assert parameters.chosen(TEMPLATE, {"Limit": "5"}, kept) == {"Stage": "dev", "Limit": "5"}
    assert parameters.chosen(TEMPLATE, {"Stage": "prod"}, kept) == {"Stage": "prod"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, 'Parameter Stage has no value and no default: give it, PARAMETERS="Stage=…".'),
        ({"Stage": "test"}, "Parameter Stage=test is not allowed: give one of dev, prod."),
        ({"Stage": "dev", "Limit": "few"}, "Parameter Limit=few is no number."),
        ({"Stage": "dev", "Stag": "x"}, "PARAMETERS: the template has no parameter Stag; it has Stage, Limit."),
    ],
)
def test_each_thing_that_is_wrong_is_a_line(given: dict[str, str], told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parameters.chosen(TEMPLATE, given, {})
    assert str(caught.value) == told
