"""Does what a document such as docs/adding-a-service.md says, in a copy of the checkout.

A code block belongs to the file that the line above it names: as its whole content, or to be put before or after one of
its lines. Blocks of shell are its commands.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = "docs/adding-a-service.md"

_BLOCK = re.compile(
    r"^`(?P<path>[\w./-]+)`(?:, (?P<where>before|after) `(?P<line>[^`\n]+)`)?:\n\n```\w+\n(?P<code>.*?)^```$",
    re.M | re.S,
)
_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


class GuideError(Exception):
    """The document says something that cannot be done."""


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, in which the document's commands run."""

    folder: Path

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the development environment; its output is the error where it fails."""
        name, *arguments = command
        tool = Path(sys.executable) if name == "python" else Path(sys.executable).with_name(name)
        paths = f"{self.folder}:{self.folder / 'functions'}"
        variables = {**os.environ, "PYTHONPATH": paths, **environment}
        done = subprocess.run(
            [str(tool), *arguments], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done


def copy_checkout(folder: Path) -> Checkout:
    """What git knows of the checkout, as it is on disk now."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return Checkout(folder)


def follow(guide: str, folder: Path) -> list[str]:
    """Write and change the files as the document says, and return its commands.

    Raises:
        GuideError: a file that is to be changed is not there, or lacks the line, or one that is to be new is there.
    """
    told = [each for each in re.findall(r"^```(\w+)$", guide, re.M) if each != "sh"]
    blocks = list(_BLOCK.finditer(guide))
    if len(blocks) != len(told):
        raise GuideError(f"{len(told)} blocks of code, and {len(blocks)} of them say which file they are for")
    for block in blocks:
        _apply(folder / block["path"], block["where"], block["line"], block["code"])
    return [line for shell in _SHELL.findall(guide) for line in shell.splitlines()]


def _apply(file: Path, where: str | None, line: str | None, code: str) -> None:
    if line is None:
        if file.exists():
            raise GuideError(f"{file} is there already")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)
        return
    text = file.read_text() if file.exists() else ""
    if text.splitlines().count(line) != 1:
        raise GuideError(f"{file} has not one line {line!r}")
    with_line = f"{code}{line}\n" if where == "before" else f"{line}\n{code}"
    file.write_text(re.sub(rf"^{re.escape(line)}\n", lambda _: with_line, text, flags=re.M))
