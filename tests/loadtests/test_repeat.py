from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests import cli, repeat
from loadtests.plan import Plan
from tests.loadtests.test_summary import PLAN


def test_repeat_says_the_load_and_what_is_not_usual() -> None:
    plan = replace(PLAN, warmup_s=2.0)
    assert repeat.command(plan) == "make load SCENARIO=order RATE=2 DURATION=5"


def test_repeat_names_the_port_of_a_sandbox_that_was_moved() -> None:
    moved = replace(PLAN, warmup_s=2.0, host="http://127.0.0.1:4600", port=4600)
    usual = replace(PLAN, warmup_s=2.0, host="http://127.0.0.1:4566", port=4566)
    assert repeat.command(moved) == "make load SCENARIO=order RATE=2 DURATION=5 PORT=4600"
    assert repeat.command(usual) == "make load SCENARIO=order RATE=2 DURATION=5"


def test_repeat_names_the_flow_of_a_sandbox_but_not_of_somebody_elses_stack() -> None:
    plan = replace(PLAN, warmup_s=2.0, host="http://127.0.0.1:4566", port=4566)
    assert repeat.command(plan, "saga") == "make load SCENARIO=order RATE=2 DURATION=5 FLOW=saga"
    assert repeat.command(replace(plan, port=None), "saga") == "make load SCENARIO=order RATE=2 DURATION=5"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rate": 0.3333333333, "duration_s": 12.5, "drain_s": 120.0},
        {"rate": None, "users": 3, "workers": 2, "think_s": 0.25},
        {"arrivals": "poisson", "seed": 7},
        {"host": "http://127.0.0.1:4600/a b".replace(" ", "%20"), "endpoint": "http://127.0.0.1:4601"},
        {"host": "http://10.0.0.7:4566"},
        {"host": "http://127.0.0.1:4600", "port": 4600},
        {"slo": "my rules.toml"},
        {"scenario": "breakpoint", "duration_s": 20.0, "rate_max": 32.5, "precision": 0.05},
    ],
)
def test_repeat_read_by_the_command_line_is_the_same_plan(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = replace(PLAN, **changes)  # type: ignore[arg-type]
    monkeypatch.chdir(tmp_path)
    Path("my rules.toml").write_text("[order]\nrules = []")
    seen: list[Plan] = []
    monkeypatch.setattr(cli, "run_and_report", lambda plan, *_: seen.append(plan) or 0)
    words = shlex.split(repeat.command(plan))[2:]
    options = [f"--{name.lower().replace('_', '-')}={value}" for name, value in (word.split("=", 1) for word in words)]
    assert cli.command.main(options, standalone_mode=False) == 0
    assert seen == [plan]
