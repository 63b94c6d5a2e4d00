import pytest

from sandbox import java


@pytest.fixture
def java_that_says(tmp_path, monkeypatch):
    def install(text, exit_code=0):
        command = tmp_path / "java"
        command.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit {exit_code}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return command

    return install


@pytest.mark.parametrize(
    "text", ['openjdk version "17.0.15" 2025-04-15', 'java version "11.0.2"', 'openjdk version "25" 2025-09-16']
)
def test_system_java_that_is_new_enough_is_taken(java_that_says, text):
    command = java_that_says(text)

    assert java.system_java(11) == command


@pytest.mark.parametrize(
    ("text", "exit_code"),
    [
        ('java version "1.8.0_292"', 0),
        ("Unable to locate a Java Runtime.", 1),
        ("", 0),
    ],
)
def test_other_java_is_none(java_that_says, text, exit_code):
    java_that_says(text, exit_code)

    assert java.system_java(11) is None


def test_no_java_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert java.system_java(11) is None
    assert java.packaged_java(tmp_path) is None
