from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import pytest
from rich.console import Console

from bootstrap.flows import Flow
from sandbox import history, load
from sandbox.errors import UsageError
from sandbox.paths import REPORTS
from sandbox.target import Target


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


@pytest.mark.parametrize(("words", "folder"), [({}, str(REPORTS)), ({"REPORTS": "elsewhere"}, "elsewhere")])
def test_history_is_of_the_folder_of_reports(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, words: dict[str, str], folder: str
) -> None:
    monkeypatch.setattr(history, "run_in_foreground", load.run_in_foreground)
    assert history.run(words) == 0
    assert started == [[sys.executable, "-m", "loadtests.history", f"--reports={folder}"]]


def test_ui_refuses_what_a_run_refuses(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "run_in_foreground", lambda command: started.append(list(command)) or 2)
    assert load.run_ui({"HOST": "http://10.0.0.1"}, Console()) == 2
    assert started == [[sys.executable, "-m", "loadtests", "--host=http://10.0.0.1", "--check", "--page"]]


@pytest.mark.parametrize("run", [load.run, load.run_ui])
@pytest.mark.parametrize("address", ["HOST", "ENDPOINT"])
def test_flow_of_somebody_elses_stack_cannot_be_chosen(
    started: list[list[str]], run: Callable[..., int], address: str
) -> None:
    with pytest.raises(UsageError, match=f"^FLOW=saga is for this checkout's sandbox: what {address} names"):
        run({"FLOW": "saga", address: "http://127.0.0.1:4600"}, Console())
    with pytest.raises(UsageError, match=r"^FLOW=sage is unknown"):
        run({"FLOW": "sage"}, Console())
    assert started == []


@pytest.mark.parametrize("run", [load.run, load.run_ui])
@pytest.mark.parametrize("word", ["MEMORY", "BATCH"])
def test_size_of_a_matrix_is_no_word_of_a_load(started: list[list[str]], run: Callable[..., int], word: str) -> None:
    with pytest.raises(UsageError, match=f"^{word}=512 is for make load-matrix"):
        run({word: "512", "HOST": "http://127.0.0.1:4600"}, Console())
    assert started == []


@pytest.mark.parametrize(
    ("words", "brought_up"),
    [({}, []), ({"FLOW": "choreography"}, [Flow.CHOREOGRAPHY]), ({"FLOW": "saga"}, [Flow.SAGA])],
    ids=["any", "the same", "the other"],
)
def test_running_sandbox_is_given_the_flow_that_is_asked_for(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, words: dict[str, str], brought_up: list[Flow]
) -> None:
    class Running:
        def is_ready(self) -> bool:
            return True

    calls: list[Flow] = []
    monkeypatch.setattr(load.targets, "from_environment", lambda *_, **__: Target("http://127.0.0.1:4600", Running()))
    monkeypatch.setattr(load.up, "bring_up", lambda target, console, flow: calls.append(flow))
    assert load.run(words, Console()) == 0
    assert calls == brought_up
    assert started[-1][-1] == "--port=4600"
