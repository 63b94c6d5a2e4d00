"""What `make load-ui` makes of its words. (What becomes of the options: tests/loadtests/test_locustfile.py.)"""

import io
import socket
from pathlib import Path

import pytest
from rich.console import Console

from sandbox import install, load, preflight
from sandbox.errors import SetupError, UsageError

ADDRESS = {"HOST": "http://127.0.0.1:9"}


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Those that are run; the second is Locust's."""
    found: list[list[str]] = []

    def run(command: list[str]) -> int:
        found.append(command)
        return 0

    monkeypatch.setattr(load, "run_in_foreground", run)
    return found


def options_of(commands: list[list[str]], words: dict[str, str]) -> set[str]:
    load.run_ui({**ADDRESS, **words}, Console(file=io.StringIO()))
    return set(commands[-1]) - {"--web-host=127.0.0.1", "--web-port=8089", "--host=http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ({"SCENARIO": "order", "RATE": "20"}, {"--scenario=order", "--rate=20.0", "--users=1"}),
        ({"RATE": "5", "ARRIVALS": "poisson"}, {"--rate=5.0", "--users=1", "--arrivals=poisson"}),
        ({"USERS": "7", "THINK": "500ms"}, {"--users=7", "--think=500ms"}),
        ({"RATE": "10", "WORKERS": "4"}, {"--rate=2.5", "--users=4", "--processes=4"}),
        ({"ENDPOINT": "http://127.0.0.1:10"}, {"--endpoint=http://127.0.0.1:10"}),
        ({"ALLOW_REMOTE": "yes"}, {"--allow-remote"}),
        ({"ALLOW_REMOTE": "no"}, set()),
    ],
)
def test_words_stand_on_locust_s_page(commands: list[list[str]], words: dict[str, str], options: set[str]) -> None:
    bare = options_of(commands, {})
    assert options_of(commands, words) - bare == options


def test_words_are_checked_before_anything_starts(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[list[str]] = []
    monkeypatch.setattr(load, "run_in_foreground", lambda command: checked.append(command) or 2)
    assert load.run_ui({**ADDRESS, "RATE": "-1"}, Console(file=io.StringIO())) == 2
    assert [("--rate=-1" in command, "--check" in command) for command in checked] == [(True, True)]


def test_ui_listens_where_it_is_told(commands: list[list[str]]) -> None:
    said = io.StringIO()
    load.run_ui({**ADDRESS, "UI_PORT": "9001"}, Console(file=said))
    assert "--web-port=9001" in commands[-1]
    assert "http://127.0.0.1:9001" in said.getvalue()


@pytest.mark.parametrize("text", ["x", "80", "65536"])
def test_ui_port_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match=f"^UI_PORT={text} is not a port.*make load-ui UI_PORT="):
        preflight.ui_port({"UI_PORT": text})


def test_taken_ui_port_is_told_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install, "HOME", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("UI_PORT", str(port))
        with pytest.raises(SetupError, match=rf"^UI_PORT={port} is taken.*make load-ui UI_PORT="):
            install.ensure(install.SANDBOX, "load-ui")
    assert list(tmp_path.iterdir()) == []
