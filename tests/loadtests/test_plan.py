from dataclasses import replace

import pytest

from loadtests.errors import UsageError
from loadtests.plan import Plan, check, parse_duration

PLAN = Plan("order", "http://127.0.0.1:4566", 5.0, None, 60.0, 2.0, 30.0, 1)


@pytest.mark.parametrize(
    ("text", "seconds"), [("60", 60), ("60s", 60), ("2m", 120), ("1.5m", 90), ("1h", 3600), ("250ms", 0.25)]
)
def test_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5", "1d", "5 s", "1e3", "nan", "inf", "1:30"])
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
