from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from rich.console import Console

from sandbox import load
from sandbox.paths import REPORTS


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were started instead of running them; a check fails where it is told RATE=0."""
    commands: list[list[str]] = []

    def run_in_foreground(command: Sequence[str]) -> int:
        commands.append(list(command))
        return 2 if "--rate=0" in command else 0

    monkeypatch.setattr(load, "run_in_foreground", run_in_foreground)
    return commands


def test_words_become_options_and_are_checked_first(started: list[list[str]]) -> None:
    words = {"SCENARIO": "order", "RATE": "5", "USERS": "", "ALLOW_REMOTE": "yes", "HOST": "http://h", "PATH": "/bin"}
    assert load.run(words, Console()) == 0
    options = ["--scenario=order", "--rate=5", "--allow-remote=yes", "--host=http://h", f"--reports={REPORTS}"]
    command = [sys.executable, "-m", "loadtests", *options]
    assert started == [[*command, "--check"], command]


def test_bad_word_starts_nothing(started: list[list[str]]) -> None:
    assert load.run({"RATE": "0"}, Console()) == 2
    assert len(started) == 1


def test_endpoint_of_somebody_else_is_used_as_it_is(started: list[list[str]]) -> None:
    load.run({"ENDPOINT": "http://127.0.0.1:4600", "REPORTS": "elsewhere"}, Console())
    assert started[-1][3:] == ["--endpoint=http://127.0.0.1:4600", "--reports=elsewhere"]


def test_ui_refuses_what_a_run_refuses(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "run_in_foreground", lambda command: started.append(list(command)) or 2)
    assert load.run_ui({"HOST": "http://10.0.0.1"}, Console()) == 2
    assert started == [[sys.executable, "-m", "loadtests", "--host=http://10.0.0.1", "--check"]]
