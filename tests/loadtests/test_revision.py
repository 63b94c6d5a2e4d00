from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from loadtests import revision, times

AT = "2026-11-21T10:15:30.000Z"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_COMMITTER_DATE", AT)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a.py").write_text("a = 1\n")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    return tmp_path


def test_commit_is_told_with_its_time(repository: Path) -> None:
    found = revision.commit(repository)
    assert found is not None
    assert git(repository, "rev-parse", "HEAD").startswith(found.id)
    assert found.to_json() == {"id": found.id, "dirty": False, "at": AT}
    assert found.at == times.parse(AT)


def test_changed_file_makes_it_dirty_and_a_new_one_does_not(repository: Path) -> None:
    (repository / "report.txt").write_text("new")
    assert (found := revision.commit(repository)) is not None
    assert not found.dirty
    (repository / "a.py").write_text("a = 2\n")
    assert (found := revision.commit(repository)) is not None
    assert found.dirty
    git(repository, "add", "a.py")
    assert (found := revision.commit(repository)) is not None
    assert found.dirty


def test_repository_of_a_hook_is_not_taken_for_this_one(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(revision.ROOT / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(revision.ROOT))
    assert (found := revision.commit(repository)) is not None
    assert found.at == times.parse(AT)


def test_folder_below_a_repository_has_no_commit(repository: Path) -> None:
    (repository / "unpacked").mkdir()
    assert revision.commit(repository / "unpacked") is None


def test_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    assert revision.commit(tmp_path) is None


def test_machine_without_git_knows_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert revision.commit(repository) is None
