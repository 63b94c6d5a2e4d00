"""The command as a whole, on the floor, which starts fast."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import processes
from sandbox.paths import HOME, ROOT

pytestmark = pytest.mark.xdist_group("bench")  # one at a time: they share a folder
COMMAND = [sys.executable, "-m", "benchmarks"]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    words = ["--only=lifecycle", "--contenders=floor", "--rounds=1000", f"--reports={tmp_path / 'bench'}"]
    with subprocess.Popen([*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, process_group=0) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("words", [["--only=pong"], ["--contenders=aws"], ["--rounds=0"], ["--rounds=x"], ["--what"]])
def test_wrong_word_is_a_usage_error(words: list[str]) -> None:
    result = subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")


@pytest.mark.slow
def test_memory_of_the_floor_is_measured_and_written(tmp_path: Path) -> None:
    words = ["--only=lifecycle", "--contenders=floor", "--rounds=1", f"--reports={tmp_path / 'bench'}"]
    assert subprocess.run([*COMMAND, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode == 0
    medians = json.loads((tmp_path / "bench" / "bench.json").read_text())["medians"]["lifecycle"]
    assert medians["start_s"]["floor"]["median"] > 0
    assert medians["dynamodb_mb"]["floor"]["median"] > 50
    assert (tmp_path / "bench" / "index.html").exists()


def test_interrupt_leaves_nothing(running: subprocess.Popen[str], tmp_path: Path) -> None:
    assert running.stdout
    assert any(" lifecycle " in line for line in running.stdout)
    marks = [str(HOME / "bench-run" / name) for name in ("floor", "floor-fresh")]
    assert processes.of_instance(marks[0])
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130
    assert not any(processes.of_instance(mark) for mark in marks)
    assert not (HOME / "bench-run").exists()
    assert not (tmp_path / "bench").exists()
