"""The image's set-up has, of the checkout, what its first stage copies and no more."""

import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.paths import ROOT


def copied(stage: str) -> list[tuple[list[Path], Path]]:
    """What each COPY of a stage takes from the checkout, and to where."""
    text = (ROOT / "docker" / "Dockerfile").read_text().replace("\\\n", " ")
    (lines,) = [each.splitlines() for each in text.split("\nFROM ") if each.splitlines()[0].endswith(f" AS {stage}")]
    words = [line.split()[1:] for line in lines if line.startswith("COPY ")]
    return [([ROOT / source for source in sources], Path(target)) for *sources, target in words]


def test_set_up_needs_no_other_module_than_those_that_are_copied(tmp_path: Path) -> None:
    for sources, target in copied("packages"):
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, tmp_path / target, dirs_exist_ok=True)
            else:
                (tmp_path / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(source, tmp_path / target)
    command = [sys.executable, "-I", "-S", "-c", "import sys; sys.path.insert(0, '.'); import sandbox.install"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
