"""Worker processes on this machine: started by the main process, ended with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

END_TIMEOUT_S: Final = 5.0

type Worker = subprocess.Popen[bytes]


def start(master: str) -> Worker:
    """Start a worker that joins the master at `host:port`.

    Its own session keeps the terminal's Ctrl-C from it: the main process decides when it ends. It ends when
    its standard input does, which is a pipe from here: however this process dies.
    """
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "loadtests.worker", f"--master={master}", "--until-input-ends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def end(workers: Sequence[Worker]) -> None:
    """Close their inputs, which they take for the end; kill those that do not go."""
    for worker in workers:
        if worker.stdin is not None:
            with suppress(OSError):
                worker.stdin.close()
    for worker in workers:
        try:
            worker.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
