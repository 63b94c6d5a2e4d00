from dataclasses import replace

import pytest

from loadtests.errors import UsageError
from loadtests.plan import Plan, check, parse_duration

PLAN = Plan("order", "http://127.0.0.1:4566", 5.0, None, 60.0, 2.0, 30.0, 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60),
        ("60s", 60),
        ("2m", 120),
        ("1.5m", 90),
        ("1h", 3600),
        ("250ms", 0.25),
        ("1h30m", 5400),
        ("2m5s", 125),
        ("1m250ms", 60.25),
    ],
)
def test_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "-5", "1d", "5 s", "1e3", "nan", "inf", "1:30", "30m1h", "1m30", "1m2m", "h"]
)
def test_duration_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_plan_in_bounds_is_returned_as_it_is() -> None:
    assert check(PLAN) is PLAN


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"rate": 0.0}, "RATE"),
        ({"rate": -1.0}, "RATE"),
        ({"rate": float("nan")}, "RATE"),
        ({"rate": float("inf")}, "RATE"),
        ({"users": 5}, "USERS"),
        ({"rate": None}, "RATE"),
        ({"rate": None, "users": 0}, "USERS"),
        ({"rate": None, "users": 10**6}, "USERS"),
        ({"rate": None, "users": 1, "workers": 2}, "WORKERS"),
        ({"workers": 0}, "WORKERS"),
        ({"workers": 33}, "WORKERS"),
        ({"duration_s": 0.0}, "DURATION"),
        ({"duration_s": 90_000.0}, "DURATION"),
        ({"warmup_s": -1.0}, "WARMUP"),
        ({"drain_s": -1.0}, "DRAIN"),
        ({"arrivals": "odd"}, "ARRIVALS"),
        ({"rate": None, "users": 1, "arrivals": "poisson"}, "ARRIVALS=poisson is for RATE"),
        ({"think_s": 1.0}, "THINK=… is for USERS"),
        ({"rate": None, "users": 1, "think_s": -1.0}, "THINK"),
        ({"rate": None, "users": 1, "think_s": 3601.0}, "THINK"),
        ({"host": "127.0.0.1:4566"}, "HOST"),
        ({"host": "http://"}, "HOST"),
        ({"host": "http://h:99999"}, "HOST"),
        ({"host": "ftp://h"}, "HOST"),
        ({"host": "http://h?x=1"}, "HOST"),
        ({"endpoint": "h:4566"}, "ENDPOINT"),
    ],
)
def test_plan_out_of_bounds_names_the_variable(changes: dict[str, object], variable: str) -> None:
    with pytest.raises(UsageError, match=variable):
        check(replace(PLAN, **changes))  # type: ignore[arg-type]


def test_plan_survives_the_way_to_a_worker() -> None:
    assert Plan(**PLAN.to_json()) == PLAN


@pytest.mark.parametrize(
    ("changes", "typed", "message"),
    [
        ({"duration_s": 999 * 3600.0}, {"DURATION": "999h"}, r"^DURATION=999h is out of bounds"),
        ({"rate": 1e9}, {"RATE": "1e9"}, r"^RATE=1e9 is out of bounds"),
        ({"rate": 1e9}, {}, r"^RATE=1000000000 is out of bounds"),
        ({}, {"SEED": "1"}, r"^SEED=… is for ARRIVALS=poisson"),
        ({"rate": None, "users": 2}, {"SEED": "7"}, r"^SEED=… is for ARRIVALS=poisson"),
    ],
)
def test_messages_repeat_what_was_typed(changes: dict[str, object], typed: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check(replace(PLAN, **changes), typed)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"arrivals": "poisson"}, {"rate": None, "users": 2, "think_s": 1.0}])
def test_seed_is_for_what_is_left_to_chance(changes: dict[str, object]) -> None:
    assert check(replace(PLAN, seed=7, **changes), {"SEED": "7"}).seed == 7  # type: ignore[arg-type]
