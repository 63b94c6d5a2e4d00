"""The words of the command, checked before anything starts."""

import pytest

from benchmarks.errors import UsageError
from benchmarks.plan import check


def _names(only: str | None, contenders: str | None) -> tuple[list[str], list[str]]:
    plan = check(only, contenders, 1)
    return [each.name for each in plan.scenarios], [each.name for each in plan.contenders]


def test_words_choose_and_keep_the_order_of_a_round() -> None:
    assert _names("orders, ping", "stock,loadstack") == (["ping", "orders"], ["loadstack", "stock"])


def test_variant_is_only_measured_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANT", "LS_LOG=info")
    assert "variant" not in _names(None, None)[1]
    assert "variant" in _names(None, "variant")[1]


def test_contender_that_was_asked_for_is_not_left_out() -> None:
    (by_default,) = [each for each in check("ping", None, 1).contenders if each.name == "container"]
    (asked_for,) = check("ping", "container", 1).contenders
    assert (by_default.optional, asked_for.optional) == (True, False)


def test_contender_without_a_part_in_the_scenarios_is_left_out() -> None:
    assert _names("ping", "loadstack,fresh")[1] == ["loadstack"]


@pytest.mark.parametrize("settings", ["", "LS_LOG", "=info", "LS_LOG=info,x"])
def test_variant_without_good_settings_is_refused(settings: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARIANT", settings)
    with pytest.raises(UsageError, match="VARIANT="):
        check(None, "variant", 1)


@pytest.mark.parametrize(
    ("only", "contenders", "rounds", "words"),
    [
        ("pong", None, 1, "ONLY: there is no pong"),
        (None, "aws", 1, "CONTENDERS: there is no aws"),
        (None, None, 0, "ROUNDS=0"),
        ("ping", "fresh", 1, "takes part"),
    ],
)
def test_wrong_word_is_refused(only: str | None, contenders: str | None, rounds: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        check(only, contenders, rounds)
