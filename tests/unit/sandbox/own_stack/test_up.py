"""`make up TEMPLATE=…`: what it asks before it checks a template for seconds."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bootstrap.flows import Flow
from sandbox import flows
from sandbox.errors import UsageError
from sandbox.own_stack import checking, record, up
from sandbox.own_stack.record import OwnStack

CONSOLE = Console(file=io.StringIO())


class CheckedError(Exception):
    """The template was checked, with these parameters and this digest of the last time."""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An engine that runs, and a check that only says what it was asked."""

    def check(asked: Any, kept: Any, passed: Any, supported: Any) -> Any:
        raise CheckedError(kept, passed)

    monkeypatch.setattr(checking, "check", check)
    monkeypatch.setattr(up, "CHANGING", tmp_path / "lock")
    engine = SimpleNamespace(run=tmp_path, is_ready=lambda: True)
    return SimpleNamespace(engine=engine, endpoint="http://127.0.0.1:1")


def test_the_shop_that_runs_is_told_before_anything_is_checked(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "of", lambda clients: Flow.CHOREOGRAPHY)
    with pytest.raises(UsageError, match=r"runs the shop: make down first, then make up TEMPLATE=mine\.yaml\."):
        up.run(target, {"TEMPLATE": "mine.yaml"}, CONSOLE)


def test_another_stack_that_runs_is_told_before_anything_is_checked(target: Any, tmp_path: Path) -> None:
    record.write(tmp_path, OwnStack("other.yaml", "other"))
    mine = tmp_path / "mine.yaml"
    mine.touch()
    with pytest.raises(UsageError, match=r"runs the stack of other\.yaml: make down first"):
        up.run(target, {"TEMPLATE": str(mine)}, CONSOLE)


def test_what_another_command_brought_up_meanwhile_counts(
    target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "mine.yaml"
    template.touch()

    @contextmanager
    def only_one(lock: Path, waiting: str) -> Iterator[None]:
        record.write(tmp_path, OwnStack(str(template.resolve()), "mine", {"Stage": "dev"}, "digest"))
        yield

    monkeypatch.setattr(up, "only_one", only_one)
    with pytest.raises(CheckedError) as caught:
        up.run(target, {"TEMPLATE": str(template)}, CONSOLE)
    assert caught.value.args == ({"Stage": "dev"}, "digest")
