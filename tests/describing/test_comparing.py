"""What differs is found, wherever it is; what may differ is told apart."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.describing.comparing import MISSING, Allowed, but, differences, unused
from tests.describing.reading import policy

QUEUE = {"attributes": {"VisibilityTimeout": 30, "RedrivePolicy": {"maxReceiveCount": 3}}, "tags": {}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_description_does_not_differ_from_itself(described: Any) -> None:
    assert differences(described, json.loads(json.dumps(described))) == []


@given(JSON, JSON)
def test_two_descriptions_differ_exactly_when_they_are_not_equal(left: Any, right: Any) -> None:
    assert bool(differences(left, right)) == (left != right)


def test_a_difference_names_the_field_and_both_values() -> None:
    other = {"attributes": {"VisibilityTimeout": 30, "RedrivePolicy": {"maxReceiveCount": 5}}, "tags": {}}
    (found,) = differences({"queues": {"orders": QUEUE}}, {"queues": {"orders": other}})
    assert str(found) == "queues/orders/attributes/RedrivePolicy/maxReceiveCount: 3, 5"


def test_what_one_side_lacks_is_one_difference() -> None:
    (found,) = differences({"queues": {"orders": QUEUE}}, {"queues": {}})
    assert (found.path, found.left, found.right) == ("queues/orders", QUEUE, MISSING)


def test_lists_of_different_lengths_differ_as_a_whole() -> None:
    (found,) = differences({"Actions": ["a"]}, {"Actions": ["a", "b"]})
    assert str(found) == "Actions: ['a'], ['a', 'b']"


def test_what_is_allowed_is_left_out_and_what_allows_nothing_is_told() -> None:
    found = differences({"a": {"Id": 1, "Size": 2}}, {"a": {"Id": 3, "Size": 4}})
    ids, times = Allowed("*/Id", "made up"), Allowed("*/Time", "of day")
    assert [each.path for each in but(found, [ids, times])] == ["a/Size"]
    assert unused(found, [ids, times]) == [times]


@pytest.mark.parametrize(
    "same",
    [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": ["b", "a"]},
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["a", "b"]},
    ],
)
def test_policies_that_say_the_same_are_equal(same: dict[str, Any]) -> None:
    condition = {"Condition": {"ArnLike": {"AWS:SourceArn": "x"}}}
    other = {"Condition": {"ArnLike": {"aws:SourceArn": ["x"]}}}
    wanted = policy({"Statement": [{**same, **condition}]})
    assert wanted == policy(
        {"Statement": {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["a", "b"], **other}}
    )


@pytest.mark.parametrize(
    "change",
    [{"Effect": "Deny"}, {"Action": "sqs:*"}, {"Resource": "*"}, {"Principal": {"Service": "sns.amazonaws.com"}}],
)
def test_policies_that_say_something_else_differ(change: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "a"}
    assert differences(policy({"Statement": statement}), policy({"Statement": {**statement, **change}}))
