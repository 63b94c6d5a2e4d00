"""A word that was typed with make, and that no target knows, is refused before anything is installed or started."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox import install, load, words
from sandbox.errors import UsageError
from sandbox.paths import ROOT


def typed(*names: str) -> dict[str, str]:
    return {words.TYPED: " ".join(names)}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("RATES", "RATE"), ("DEPLYO", "DEPLOY"), ("DURATON", "DURATION"), ("SL0", "SLO"), ("rate", "RATE")],
)
def test_misspelt_word_is_told_with_what_was_meant(name: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"^{name}= is not a word of any make target: did you mean {meant}=\\?$"):
        words.check(typed("SCENARIO", name))


def test_word_that_is_like_no_other_is_told_with_where_it_may_stand() -> None:
    with pytest.raises(UsageError, match=r"^XYZZY= is not a word .* stands before make, as in XYZZY=… make up\.$"):
        words.check(typed("XYZZY"))


def test_variables_of_others_may_be_given() -> None:
    others = "PYTHON SHELL V MAKEFLAGS HOME PATH AWS_PROFILE LOADSTACK_SDK COMPOSE_FILE DOCKER_HOST PIP_INDEX_URL"
    words.check(typed(*others.split(), "HTTPS_PROXY", "https_proxy", "LocalThing"))
    words.check({})


def test_every_word_of_the_help_and_of_the_documents_is_known() -> None:
    helps = re.findall(r"^[a-z-]+:.*## (.*)", (ROOT / "Makefile").read_text(), re.M)
    found = {name for line in helps for name in re.findall(r"\b([A-Z][A-Z_]*)=", line)} | set(load.WORDS)
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = document.read_text()
        for command in re.findall(r"\bmake [a-z][a-z-]*((?: [^`\n]*)?)", text):
            found.update(re.findall(r"\b([A-Z][A-Z_]*)=", command))
        for cell in re.findall(r"^\| ((?:`[A-Z_]+(?:=\w+)?`(?:, )?)+)", text, re.M):
            found.update(re.findall(r"`([A-Z_]+)", cell))
    assert {"RATE", "PRECISION", "BATCH", "CONFIRM", "STRIPE_WEBHOOK_SECRET", "ARGS", "A"} <= found
    words.check(typed(*found))


def test_front_door_refuses_before_it_installs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(install, "ensure", lambda *_: pytest.fail("it installs"))
    monkeypatch.setattr(install.os, "execve", lambda *_: pytest.fail("it starts"))
    monkeypatch.setattr(install.signal, "signal", lambda *_: None)
    monkeypatch.setenv(words.TYPED, "RATES")
    for command in ("load", "status"):
        assert install.main([command]) == 2
    line = "error: RATES= is not a word of any make target: did you mean RATE=?\n"
    assert capsys.readouterr().err == 2 * line


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile, and a front door that says what it was told."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "run").write_text(f'#!/bin/sh\necho "$1: ${words.TYPED}"\n')
    (tmp_path / "sandbox" / "run").chmod(0o755)
    return tmp_path


def told(checkout: Path, *arguments: str, **environment: str) -> tuple[str, set[str]]:
    """The command and the names that make hands on."""
    clean = {"PATH": os.environ["PATH"], **environment}
    run = subprocess.run(["make", *arguments], cwd=checkout, env=clean, capture_output=True, text=True, check=True)
    command, names = run.stdout.split(":")
    return command, set(names.split())


def test_make_tells_the_names_of_what_was_typed_and_no_others(checkout: Path) -> None:
    given = ("RATES=5", r"SLO=my rules\x.toml -- FOO=$$1", "A:=", "DURATION=$(RATE)")
    assert told(checkout, "load", *given, RATE="7") == ("load", {"RATES", "SLO", "A", "DURATION"})
    assert told(checkout, "-e", "load", RATE="7") == ("load", set())


def test_words_of_a_make_above_are_its_own(checkout: Path) -> None:
    (checkout / "theirs.mk").write_text("all:\n\t@$(MAKE) --no-print-directory load RATE=5\n")
    assert told(checkout, "-f", "theirs.mk", "STAGE=dev") == ("load", set())
