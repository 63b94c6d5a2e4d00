"""Requirements are installed once for each content of the file, whole or not at all."""

import sys
from pathlib import Path

import pytest

from bootstrap.errors import PackageError
from sandbox.own_stack.dependencies import Dependencies

# Stands in for uv, for which a registry would be asked: writes down what it was asked for, and fails for `broken`.
UV = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in --target) target=$2;; -r) wanted=$2;; esac
  shift
done
mkdir -p "$target/bin"
cp "$wanted" "$target/installed.txt"
if grep -q broken "$wanted"; then echo "no such package: broken" >&2; exit 1; fi
"""


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def dependencies(tmp_path: Path, told: list[str]) -> Dependencies:
    uv = tmp_path / "uv"
    uv.write_text(UV)
    uv.chmod(0o755)
    return Dependencies(tmp_path / "built", uv, Path(sys.executable), None, told.append)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def test_what_asks_for_nothing_gets_nothing(dependencies: Dependencies, code: Path, told: list[str]) -> None:
    assert dependencies.of(code) is None
    (code / "requirements.txt").write_text("# boto3 is there already\n\n")
    assert dependencies.of(code) is None
    assert told == []


def test_requirements_are_installed_once(dependencies: Dependencies, code: Path, told: list[str]) -> None:
    (code / "requirements.txt").write_text("one\n")
    first = dependencies.of(code)
    assert first is not None
    assert (first / "python" / "installed.txt").read_text() == "one\n"
    assert not (first / "python" / "bin").exists(), "scripts are this machine's"
    assert dependencies.of(code) == first
    assert len(told) == 1
    (code / "requirements.txt").write_text("two\n")
    assert dependencies.of(code) not in (None, first)


def test_what_cannot_be_installed_is_told_and_leaves_nothing(
    dependencies: Dependencies, code: Path, tmp_path: Path
) -> None:
    (code / "requirements.txt").write_text("broken\n")
    with pytest.raises(PackageError, match=r"requirements\.txt: uv could not install it: no such package: broken"):
        dependencies.of(code)
    assert list((tmp_path / "built").iterdir()) == []
