from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from loadtests import slo
from loadtests.breakpoint.words import complete, describe
from loadtests.errors import UsageError
from loadtests.plan import MAX_RATE
from sandbox import load
from tests.loadtests.searched import PLAN, RULES

BARE = replace(PLAN, rate_max=None, precision=None)


def test_bounds_that_are_not_given_have_defaults() -> None:
    plan = complete(BARE, RULES, {})
    assert (plan.rate_max, plan.precision) == (320, 0.1)
    assert complete(replace(BARE, rate=100.0), RULES, {}).rate_max == MAX_RATE


def test_bounds_that_are_given_are_taken() -> None:
    assert complete(PLAN, RULES, {}) == PLAN


def test_other_scenarios_are_left_as_they_are() -> None:
    other = replace(BARE, scenario="order")
    assert complete(other, [], {}) is other


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rate": None, "users": 3}, "give RATE=…, the first one, not USERS=…"),
        ({"rate_max": 4.0}, "RATE_MAX=4 is out of bounds: RATE=5 at least, at most 2000"),
        ({"rate_max": 2001.0}, "RATE_MAX=2001 is out of bounds"),
        ({"rate_max": float("nan")}, "RATE_MAX=nan is out of bounds"),
        ({"precision": 0.01}, "PRECISION=1% is out of bounds: 2% to 100%"),
        ({"precision": 1.5}, "PRECISION=150% is out of bounds"),
        ({"precision": float("nan")}, "PRECISION=nan% is out of bounds"),
        ({"rate": 0.5}, "RATE=0.5 DURATION=4 is 2 orders in a step: a p95 needs 20"),
        ({"duration_s": 7200.0}, "RATE_MAX=320 DURATION=7200 makes 2304640 arrivals in a step; one holds 400000"),
        ({"master": "127.0.0.1:5557"}, "MASTER's workers leave after one: give WORKERS=…"),
    ],
)
def test_search_that_cannot_be_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as refused:
        complete(replace(PLAN, **changes), RULES, {})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_search_without_a_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="without any, no rate breaks one"):
        complete(PLAN, [], {})


@pytest.mark.parametrize("word", ["RATE_MAX", "PRECISION"])
def test_words_of_a_search_are_refused_elsewhere(word: str) -> None:
    with pytest.raises(UsageError, match=f"{word}=7 is for SCENARIO=breakpoint"):
        complete(replace(BARE, scenario="order"), RULES, {word: "7"})


def test_message_repeats_what_was_typed() -> None:
    with pytest.raises(UsageError, match="RATE_MAX=3e0 is out of bounds"):
        complete(replace(PLAN, rate_max=3.0), RULES, {"RATE_MAX": "3e0"})


def test_search_says_beforehand_what_it_does_and_how_long_it_takes() -> None:
    assert describe(replace(PLAN, duration_s=20.0, warmup_s=5.0)) == (
        "breakpoint: from 5 orders a second, doubled until an SLO breaks (up to 320), then bisected to 10%",
        "each step is 5 s of warm-up and 20 s; mostly some 10 steps, 6 minutes; it ends after 24 steps or 14 minutes",
    )


def test_default_rules_are_those_of_an_order() -> None:
    assert {rule.text for rule in slo.load("breakpoint")} == {rule.text for rule in slo.load("order")}


def test_make_hands_the_words_on(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(load, "run_in_foreground", lambda command: commands.append(command) or 2)
    words = {"SCENARIO": "breakpoint", "RATE_MAX": "50", "PRECISION": "5%"}
    assert load.run({**os.environ, **words}, None) == 2  # type: ignore[arg-type]
    assert {"--scenario=breakpoint", "--rate-max=50", "--precision=5%"} <= set(commands[0])
