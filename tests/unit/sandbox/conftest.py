"""A ``docker`` command that says what a test wants, whatever this machine has."""

from collections.abc import Callable
from pathlib import Path

import pytest

type Environment = dict[str, str]
type Install = Callable[..., Environment]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Puts a ``docker`` on a PATH of its own; keywords: the shell code of its subcommands, else they succeed."""

    def put(name: str = "docker", **answers: str) -> Environment:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        cases = "".join(f"{command}) {code} ;;\n" for command, code in answers.items())
        (folder / name).write_text(f'#!/bin/sh\ncase "$1" in\n{cases}esac\n')
        (folder / name).chmod(0o755)
        return {"PATH": f"{folder}:/usr/bin:/bin" if answers else str(folder)}

    return put


def container_line(container: str, folder: Path, port: int | None, state: str = "running") -> str:
    """Shell code of ``docker ps``: one container that compose started in a folder."""
    ports = f"127.0.0.1:{port}->4566/tcp" if port else ""
    return f"printf '%s\\t%s\\t%s\\t%s\\n' '{container}' '{state}' '{folder}' '{ports}'"
